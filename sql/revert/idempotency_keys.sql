BEGIN;
DROP TABLE payapi.idempotency_keys;
COMMIT;
