BEGIN;
DROP TABLE payapi.audit_checkpoints;
DROP FUNCTION payapi.audit_floor;
COMMIT;
