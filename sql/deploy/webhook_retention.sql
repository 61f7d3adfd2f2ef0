-- What is kept for a time only: bodies of finished events, answers of old idempotency keys. The
-- application cannot do either by itself; these functions do no more than their names say.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.webhook_events ADD COLUMN body_purged_at timestamptz(3);
COMMENT ON COLUMN payapi.webhook_events.body_purged_at IS 'when the body was emptied (WEBHOOK_BODY_RETENTION_DAYS); null: it is here';
ALTER TABLE payapi.webhook_events ADD CONSTRAINT purged_is_finished CHECK (
    body_purged_at IS NULL OR (body = '' AND status IN ('processed', 'ignored')));
CREATE INDEX webhook_events_with_body ON payapi.webhook_events (finished_at)
    WHERE status IN ('processed', 'ignored') AND body_purged_at IS NULL;
COMMENT ON INDEX payapi.webhook_events_with_body IS 'finished events by age: what is to be purged is found at once';

CREATE FUNCTION payapi.purge_webhook_bodies(older_than_days integer, at_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = payapi, pg_temp AS $$
DECLARE
    purged bigint;
BEGIN
    UPDATE webhook_events
       SET body = '', body_purged_at = now()
     WHERE inbox_id IN (SELECT inbox_id FROM webhook_events
                         WHERE status IN ('processed', 'ignored') AND body_purged_at IS NULL
                           AND finished_at < now() - make_interval(days => greatest(older_than_days, 1))
                         ORDER BY finished_at LIMIT at_most FOR NO KEY UPDATE SKIP LOCKED);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION payapi.purge_webhook_bodies IS 'empties bodies of finished events, oldest first; how many. Never of received or dead ones';

CREATE FUNCTION payapi.purge_idempotency_keys(older_than_hours integer, at_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = payapi, pg_temp AS $$
DECLARE
    purged bigint;
BEGIN
    DELETE FROM idempotency_keys
     WHERE (principal, route, key) IN (
           SELECT principal, route, key FROM idempotency_keys
            WHERE created_at < now() - make_interval(hours => greatest(older_than_hours, 1))
              AND (state = 'done' OR locked_until <= now())
            ORDER BY created_at LIMIT at_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION payapi.purge_idempotency_keys IS 'deletes keys beyond their time that nobody holds, oldest first; how many';

GRANT EXECUTE ON FUNCTION payapi.purge_webhook_bodies, payapi.purge_idempotency_keys TO payapi_app;

COMMIT;
