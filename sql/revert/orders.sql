BEGIN;
DROP TABLE payapi.orders;
DROP FUNCTION payapi.orders_guard;
COMMIT;
