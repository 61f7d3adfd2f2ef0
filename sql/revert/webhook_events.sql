BEGIN;
DROP TABLE payapi.webhook_events;
DROP FUNCTION payapi.purge_webhook_bodies;
DROP FUNCTION payapi.webhook_events_guard;
DROP FUNCTION payapi.webhook_status_is_known;
COMMIT;
