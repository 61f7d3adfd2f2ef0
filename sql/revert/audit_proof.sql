-- Checkpoints of the newer form stay, but the older programs cannot prove them: they need a fresh table.
BEGIN;
REVOKE INSERT ON payapi.audit_checkpoints FROM payapi_sealer;
REVOKE USAGE ON SCHEMA payapi FROM payapi_sealer;
GRANT INSERT ON payapi.audit_checkpoints TO payapi_app;
DROP FUNCTION payapi.audit_floor();
CREATE INDEX audit_log_by_xid ON payapi.audit_log (payapi.xid_number(xid));
DROP INDEX payapi.audit_log_by_place;
DROP INDEX payapi.audit_checkpoints_by_epoch;
DROP INDEX payapi.audit_checkpoints_with_note;
ALTER TABLE payapi.audit_checkpoints
    DROP COLUMN form, DROP COLUMN epoch, DROP COLUMN system_id, DROP COLUMN floor_id,
    DROP CONSTRAINT checkpoint_range_goes_on, DROP COLUMN from_id, DROP COLUMN to_id, DROP COLUMN last_id, DROP COLUMN note,
    ADD CONSTRAINT checkpoint_range_goes_on CHECK (to_xid > from_xid) NOT VALID;
COMMIT;
