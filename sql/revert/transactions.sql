BEGIN;
DROP TABLE payapi.transactions;
DROP FUNCTION payapi.transactions_guard;
COMMIT;
