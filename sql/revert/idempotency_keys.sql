BEGIN;
DROP TABLE payapi.idempotency_keys;
DROP FUNCTION payapi.purge_idempotency_keys;
DROP FUNCTION payapi.idempotency_keys_guard;
COMMIT;
