BEGIN;
DROP TABLE payapi.webhook_events;
COMMIT;
