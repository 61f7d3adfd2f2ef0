BEGIN;
COMMENT ON COLUMN payapi.audit_log.actor IS 'user:SUB, admin:SUB, webhook:PROVIDER, jobs';
DROP INDEX payapi.refunds_under_way;
ALTER TABLE payapi.payments DROP COLUMN looked_at;
DROP INDEX payapi.webhook_events_fresh;
DROP TABLE payapi.provider_cursors;
COMMIT;
