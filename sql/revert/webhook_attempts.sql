BEGIN;
DROP INDEX payapi.webhook_events_dead;
DROP TABLE payapi.webhook_attempts;
ALTER TABLE payapi.webhook_events DROP COLUMN tries_before;
COMMIT;
