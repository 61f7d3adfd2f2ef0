BEGIN;
SET LOCAL ROLE payapi_owner;
ALTER TABLE payapi.reconciliation_findings DROP COLUMN explained_at;
COMMIT;
