BEGIN;
SET LOCAL ROLE payapi_owner;
ALTER TABLE payapi.provider_calls DROP COLUMN replays_5xx;
COMMIT;
