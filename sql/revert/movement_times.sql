BEGIN;
SET LOCAL ROLE payapi_owner;

DROP INDEX payapi.transactions_by_recording;
ALTER TABLE payapi.transactions DROP COLUMN recorded_at;

COMMIT;
