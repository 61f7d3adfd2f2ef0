BEGIN;
DROP TABLE payapi.outbox;
COMMIT;
