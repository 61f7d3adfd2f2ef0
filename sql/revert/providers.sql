BEGIN;
DROP FUNCTION payapi.provider_is_known;
DROP TABLE payapi.providers;
COMMIT;
