-- A human may explain a finding; it stays explained while both sides stay as they are.
-- Locks: payapi.reconciliation_findings ACCESS EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.reconciliation_findings ADD COLUMN explained_at timestamptz(3);
COMMENT ON COLUMN payapi.reconciliation_findings.explained_at IS 'when a human explained it; null: nobody did';
GRANT UPDATE (explained_at) ON payapi.reconciliation_findings TO payapi_app;

COMMIT;
