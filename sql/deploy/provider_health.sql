-- How a provider does is counted in shared memory (PROVIDER_HEALTH_FILE), so nobody reads the recent calls.
BEGIN;
SET LOCAL ROLE payapi_owner;

DROP INDEX payapi.provider_calls_recent;

COMMIT;
