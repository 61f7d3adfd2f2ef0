BEGIN;
DROP TABLE payapi.outbox;
DROP FUNCTION payapi.outbox_guard;
COMMIT;
