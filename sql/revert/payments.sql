BEGIN;
DROP TABLE payapi.payments;
DROP FUNCTION payapi.payments_guard();
COMMIT;
