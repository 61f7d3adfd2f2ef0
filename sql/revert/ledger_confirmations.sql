BEGIN;
DROP TABLE payapi.ledger_confirmations;
DROP FUNCTION payapi.ledger_confirmations_guard;
COMMIT;
