BEGIN;
DROP FUNCTION payapi.audit_leaf;
DROP TABLE payapi.audit_log;
DROP FUNCTION payapi.audit_number;
COMMIT;
