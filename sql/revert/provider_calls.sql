BEGIN;
DROP TABLE payapi.provider_calls;
DROP FUNCTION payapi.provider_calls_guard;
COMMIT;
