BEGIN;
DROP TABLE payapi.reconciliation_findings;
DROP FUNCTION payapi.reconciliation_findings_guard;
COMMIT;
