BEGIN;
DROP TABLE payapi.payments;
DROP FUNCTION payapi.attach_payment;
DROP FUNCTION payapi.payments_guard;
DROP FUNCTION payapi.payment_status;
COMMIT;
