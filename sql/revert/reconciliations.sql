BEGIN;
DROP TABLE payapi.ledger_confirmations;
DROP TABLE payapi.reconciliation_findings;
DROP TABLE payapi.reconciliations;
DROP FUNCTION payapi.ledger_confirmations_guard();
DROP FUNCTION payapi.reconciliation_findings_guard();
DROP FUNCTION payapi.reconciliations_guard();
COMMIT;
