BEGIN;
DROP TABLE payapi.provider_calls;
COMMIT;
