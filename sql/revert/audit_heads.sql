BEGIN;
DROP TABLE payapi.audit_heads;
COMMIT;
