BEGIN;
DROP TABLE payapi.audit_log;
DROP FUNCTION payapi.audit_chain;
DROP FUNCTION payapi.audit_text;
COMMIT;
