-- The inbox: every verified event, stored once before anything else happens.
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

-- All statuses of an event, and so all outcomes of an attempt.
CREATE FUNCTION payapi.webhook_status_is_known(status text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN status IN ('received', 'processed', 'ignored', 'dead');
COMMENT ON FUNCTION payapi.webhook_status_is_known IS 'whether an event may have this status';

CREATE TABLE payapi.webhook_events (
    provider         text NOT NULL,
    event_id         text NOT NULL,
    inbox_id         text NOT NULL CONSTRAINT inbox_id_once UNIQUE,
    type             text NOT NULL,
    livemode         boolean NOT NULL,
    body             bytea NOT NULL,
    status           text NOT NULL DEFAULT 'received',
    reason           text NOT NULL DEFAULT '',
    payment_id       text REFERENCES payapi.payments,
    attempts         integer NOT NULL DEFAULT 0,
    next_at          timestamptz NOT NULL DEFAULT now(),
    lease_until      timestamptz,
    event_created_at timestamptz NOT NULL,
    received_at      timestamptz(3) NOT NULL,
    finished_at      timestamptz(3),
    trace_id         text NOT NULL,
    tries_before     integer NOT NULL DEFAULT 0,
    body_purged_at   timestamptz(3),
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX webhook_events_by_payment ON payapi.webhook_events (payment_id)
    WHERE payment_id IS NOT NULL;
CREATE INDEX webhook_events_dead ON payapi.webhook_events (inbox_id) WHERE status = 'dead';
CREATE INDEX webhook_events_due ON payapi.webhook_events (next_at) WHERE status = 'received';
-- The event that has waited longest comes first, but new events do not queue behind those that
-- keep failing.
CREATE INDEX webhook_events_fresh ON payapi.webhook_events (next_at)
    WHERE status = 'received' AND attempts = 0;
COMMENT ON INDEX payapi.webhook_events_fresh IS 'events that have not been tried yet';
CREATE INDEX webhook_events_with_body ON payapi.webhook_events (finished_at)
    WHERE status IN ('processed', 'ignored') AND body_purged_at IS NULL;
COMMENT ON INDEX payapi.webhook_events_with_body IS
    'finished events by age: finds those to purge quickly';

COMMENT ON TABLE  payapi.webhook_events IS 'inbox of verified provider events';
COMMENT ON COLUMN payapi.webhook_events.provider IS 'who sent it';
COMMENT ON COLUMN payapi.webhook_events.event_id IS
    'the provider''s id (Stripe evt_...): the same event is stored once';
COMMENT ON COLUMN payapi.webhook_events.inbox_id IS 'our id: whe_ and 26 characters';
COMMENT ON COLUMN payapi.webhook_events.type IS
    'the provider''s type, e.g. checkout.session.completed';
COMMENT ON COLUMN payapi.webhook_events.livemode IS 'true: a live event; false: a test event';
COMMENT ON COLUMN payapi.webhook_events.body IS 'the exact bytes that were signed';
COMMENT ON COLUMN payapi.webhook_events.status IS
    'received (not yet applied), processed, ignored (with reason), dead';
COMMENT ON COLUMN payapi.webhook_events.reason IS 'why ignored, dead or still waiting';
COMMENT ON COLUMN payapi.webhook_events.payment_id IS
    'the payment it names, once known; when processed, the one it was applied to';
COMMENT ON COLUMN payapi.webhook_events.attempts IS
    'tries to apply it; also the fence of the lease';
COMMENT ON COLUMN payapi.webhook_events.next_at IS
    'when to try it again while its status is received';
COMMENT ON COLUMN payapi.webhook_events.lease_until IS
    'when the lease of whoever is applying it ends';
COMMENT ON COLUMN payapi.webhook_events.event_created_at IS 'the provider''s time of the event';
COMMENT ON COLUMN payapi.webhook_events.received_at IS 'when it was stored';
COMMENT ON COLUMN payapi.webhook_events.finished_at IS 'when it was applied or given up';
COMMENT ON COLUMN payapi.webhook_events.trace_id IS 'of the delivery that stored it';
COMMENT ON COLUMN payapi.webhook_events.tries_before IS
    'attempts before the last replay, which no longer count towards dead';
COMMENT ON COLUMN payapi.webhook_events.body_purged_at IS
    'when the body was emptied (WEBHOOK_BODY_RETENTION_DAYS); null: it is still here';

CREATE FUNCTION payapi.webhook_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT payapi.webhook_status_is_known(NEW.status) THEN 'webhook_status_is_known'
        WHEN NEW.status = 'processed' AND NEW.payment_id IS NULL THEN 'processed_has_a_payment'
        WHEN NEW.body_purged_at IS NOT NULL
             AND (NEW.body <> '' OR NEW.status NOT IN ('processed', 'ignored'))
            THEN 'purged_is_finished'
        WHEN TG_OP = 'INSERT' AND NOT payapi.id_has_form(NEW.inbox_id, 'whe_')
            THEN 'inbox_id_has_form'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'event %: %', NEW.inbox_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.webhook_events_guard IS
    'trigger: checks the values of an event; processed ones have a payment, purged ones are '
    'finished';

-- Bodies of finished events are kept for a limited time. The application cannot empty them itself.
CREATE FUNCTION payapi.purge_webhook_bodies(older_than_days integer, at_most integer)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
DECLARE
    purged bigint;
BEGIN
    UPDATE webhook_events
       SET body = '', body_purged_at = now()
     WHERE inbox_id IN (SELECT inbox_id FROM webhook_events
                         WHERE status IN ('processed', 'ignored') AND body_purged_at IS NULL
                           AND finished_at
                               < now() - make_interval(days => greatest(older_than_days, 1))
                         ORDER BY finished_at LIMIT at_most FOR NO KEY UPDATE SKIP LOCKED);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION payapi.purge_webhook_bodies IS
    'empties bodies of finished events, oldest first, never of received or dead ones; returns how '
    'many';

CREATE TRIGGER webhook_events_guard BEFORE INSERT OR UPDATE ON payapi.webhook_events
    FOR EACH ROW EXECUTE FUNCTION payapi.webhook_events_guard();

GRANT INSERT,
      UPDATE (status, reason, payment_id, attempts, next_at, lease_until, finished_at, tries_before)
    ON payapi.webhook_events TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.webhook_status_is_known, payapi.purge_webhook_bodies
    TO payapi_app;

COMMIT;
