BEGIN;
DROP TABLE payapi.api_keys;
DROP FUNCTION payapi.api_keys_guard;
COMMENT ON COLUMN payapi.idempotency_keys.principal IS
    'subject of the token; keys of other subjects never match';
COMMIT;
