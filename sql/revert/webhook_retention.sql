BEGIN;
DROP FUNCTION payapi.purge_idempotency_keys;
DROP FUNCTION payapi.purge_webhook_bodies;
DROP INDEX payapi.webhook_events_with_body;
ALTER TABLE payapi.webhook_events DROP COLUMN body_purged_at;
COMMIT;
