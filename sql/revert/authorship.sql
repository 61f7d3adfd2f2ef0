BEGIN;
ALTER TABLE payapi.payments DROP COLUMN authored;
COMMIT;
