BEGIN;
DROP INDEX payapi.audit_log_by_xid;
DROP FUNCTION payapi.xid_number(xid8);
DROP FUNCTION payapi.audit_leaf;
DROP TABLE payapi.audit_checkpoints;
COMMIT;
