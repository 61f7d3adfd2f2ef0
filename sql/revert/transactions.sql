BEGIN;
DROP TABLE payapi.transactions;
COMMIT;
