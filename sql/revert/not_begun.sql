BEGIN;
SET LOCAL ROLE payapi_owner;
ALTER TABLE payapi.payments DROP COLUMN not_begun;
COMMIT;
