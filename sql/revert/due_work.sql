BEGIN;
DROP INDEX payapi.payments_open_by_expiry;
COMMIT;
