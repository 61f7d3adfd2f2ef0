BEGIN;
SET LOCAL ROLE payapi_owner;
COMMENT ON COLUMN payapi.audit_log.actor IS 'user:SUB, admin:SUB, webhook:PROVIDER, pull:PROVIDER, jobs';
COMMIT;
