-- The shop's back end is told from its customers in the audit.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;
COMMENT ON COLUMN payapi.audit_log.actor IS 'user:SUB, shop:SUB, admin:SUB, webhook:PROVIDER, pull:PROVIDER, jobs';
COMMIT;
