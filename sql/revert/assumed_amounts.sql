BEGIN;
SET LOCAL ROLE payapi_owner;
ALTER TABLE payapi.disputes DROP COLUMN amount_assumed;
COMMIT;
