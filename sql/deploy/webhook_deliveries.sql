-- Deliveries of events to the shop: a row for each event and endpoint, and for each attempt.
-- Locks: payapi.webhook_endpoints SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

-- The same event is delivered to the same endpoint under one id, which sorts by the event's time.
CREATE FUNCTION payapi.delivery_id_of(endpoint_id text, event_id text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 'del_' || substr(event_id, 5, 10) || upper(left(
        encode(sha256(convert_to(endpoint_id || ' ' || event_id, 'UTF8')), 'hex'), 16));
COMMENT ON FUNCTION payapi.delivery_id_of IS 'the id of the delivery of an event to an endpoint';

CREATE TABLE payapi.webhook_deliveries (
    delivery_id  text PRIMARY KEY,
    endpoint_id  text NOT NULL REFERENCES payapi.webhook_endpoints,
    audit_id     bigint NOT NULL,
    payment_id   text,
    seq          bigint,
    status       text NOT NULL,
    released     boolean NOT NULL DEFAULT false,
    attempts     integer NOT NULL DEFAULT 0,
    tries_before integer NOT NULL DEFAULT 0,
    next_at      timestamptz(3) NOT NULL,
    event_at     timestamptz(3) NOT NULL,
    delivered_at timestamptz(3),
    CONSTRAINT delivery_attempts_are_counted CHECK (tries_before BETWEEN 0 AND attempts),
    CONSTRAINT delivery_id_has_form CHECK (payapi.id_has_form(delivery_id, 'del_')),
    CONSTRAINT delivery_status_is_known
        CHECK (status IN ('waiting', 'pending', 'sending', 'delivered', 'failed')),
    CONSTRAINT delivery_waits_for_an_earlier_one CHECK (status <> 'waiting' OR NOT released),
    CONSTRAINT finished_holds_nobody_up CHECK (released OR status NOT IN ('delivered', 'failed'))
);
CREATE INDEX webhook_deliveries_by_endpoint
    ON payapi.webhook_deliveries (endpoint_id, delivery_id);
COMMENT ON INDEX payapi.webhook_deliveries_by_endpoint IS
    'GET /webhook-endpoints/:id/deliveries, newest first; finds those to purge, oldest first';
CREATE INDEX webhook_deliveries_by_payment
    ON payapi.webhook_deliveries (payment_id, endpoint_id, seq);
COMMENT ON INDEX payapi.webhook_deliveries_by_payment IS
    'a payment''s timeline; what an earlier delivery holds up';
CREATE INDEX webhook_deliveries_due
    ON payapi.webhook_deliveries (endpoint_id, status, next_at)
    WHERE status IN ('pending', 'sending');
COMMENT ON INDEX payapi.webhook_deliveries_due IS 'what an endpoint is to be sent now';
CREATE INDEX webhook_deliveries_failed
    ON payapi.webhook_deliveries (endpoint_id, delivery_id)
    WHERE status = 'failed';
COMMENT ON INDEX payapi.webhook_deliveries_failed IS
    'GET /webhook-endpoints/:id/deliveries?status=failed';

COMMENT ON TABLE  payapi.webhook_deliveries IS
    'an event for an endpoint; kept for WEBHOOK_DELIVERY_RETENTION_DAYS';
COMMENT ON COLUMN payapi.webhook_deliveries.delivery_id IS
    'del_ and 26 characters, which follow from event and endpoint';
COMMENT ON COLUMN payapi.webhook_deliveries.endpoint_id IS 'where it is sent to';
COMMENT ON COLUMN payapi.webhook_deliveries.audit_id IS
    'the row of the audit log that is the event';
COMMENT ON COLUMN payapi.webhook_deliveries.payment_id IS 'as there; null: about no payment';
COMMENT ON COLUMN payapi.webhook_deliveries.seq IS 'as there: its place among the payment''s events';
COMMENT ON COLUMN payapi.webhook_deliveries.status IS
    'waiting (an earlier event of the payment comes first), pending, sending, delivered, failed '
    '(all attempts of the schedule did)';
COMMENT ON COLUMN payapi.webhook_deliveries.released IS
    'whether later events of the payment may be sent: it was delivered, or failed three times';
COMMENT ON COLUMN payapi.webhook_deliveries.attempts IS
    'attempts begun; also the fence of the lease';
COMMENT ON COLUMN payapi.webhook_deliveries.tries_before IS
    'attempts before it was last sent again by hand, which no longer count in the schedule';
COMMENT ON COLUMN payapi.webhook_deliveries.next_at IS
    'pending: when the next attempt is due; sending: when the lease ends';
COMMENT ON COLUMN payapi.webhook_deliveries.event_at IS 'when the event was';
COMMENT ON COLUMN payapi.webhook_deliveries.delivered_at IS
    'when the endpoint first accepted it; null: not yet';

-- Outcomes are written by payapi-deliver, an attempt for each number of webhook_deliveries.attempts.
CREATE TABLE payapi.webhook_delivery_attempts (
    delivery_id text NOT NULL REFERENCES payapi.webhook_deliveries ON DELETE CASCADE,
    attempt     integer NOT NULL,
    at          timestamptz(3) NOT NULL,
    duration_ms integer NOT NULL,
    http_status integer,
    error       text NOT NULL,
    answer      text NOT NULL,
    PRIMARY KEY (delivery_id, attempt),
    CONSTRAINT delivery_answer_is_short CHECK (octet_length(answer) <= 16384),
    CONSTRAINT delivery_attempt_has_an_outcome CHECK (http_status IS NOT NULL OR error <> '')
);
COMMENT ON TABLE  payapi.webhook_delivery_attempts IS 'attempts to deliver an event';
COMMENT ON COLUMN payapi.webhook_delivery_attempts.delivery_id IS 'of which delivery';
COMMENT ON COLUMN payapi.webhook_delivery_attempts.attempt IS '1, 2, 3 ...';
COMMENT ON COLUMN payapi.webhook_delivery_attempts.at IS 'when it began';
COMMENT ON COLUMN payapi.webhook_delivery_attempts.duration_ms IS 'until it ended';
COMMENT ON COLUMN payapi.webhook_delivery_attempts.http_status IS
    'of the endpoint''s answer; null: there was none';
COMMENT ON COLUMN payapi.webhook_delivery_attempts.error IS
    'why it failed, e.g. timeout, http_status; empty: it was accepted';
COMMENT ON COLUMN payapi.webhook_delivery_attempts.answer IS
    'the first 4 KiB of the answer''s body, control characters escaped';

-- How far events have been planned: those of the transactions that had ended there.
CREATE TABLE payapi.webhook_planning (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    planned_to  pg_snapshot NOT NULL,
    planned_id  bigint NOT NULL,
    restored_id bigint NOT NULL DEFAULT 0,
    system_id   bigint NOT NULL,
    planned_at  timestamptz(3) NOT NULL DEFAULT now()
);
INSERT INTO payapi.webhook_planning (planned_to, planned_id, system_id)
SELECT pg_current_snapshot(),
       coalesce((SELECT max(audit_id) FROM payapi.audit_log), 0),
       system_identifier
  FROM pg_control_system();
COMMENT ON TABLE  payapi.webhook_planning IS 'one row: how far events were planned for delivery';
COMMENT ON COLUMN payapi.webhook_planning.only_row IS 'true';
COMMENT ON COLUMN payapi.webhook_planning.planned_to IS
    'the transactions whose events are planned: those that it sees';
COMMENT ON COLUMN payapi.webhook_planning.planned_id IS
    'greatest audit_id that was planned: after a restore into another cluster, later events are above';
COMMENT ON COLUMN payapi.webhook_planning.restored_id IS
    'greatest audit_id that another cluster wrote under a transaction id which this one has yet to '
    'reach; 0: none';
COMMENT ON COLUMN payapi.webhook_planning.system_id IS
    'the cluster whose transaction ids planned_to has';
COMMENT ON COLUMN payapi.webhook_planning.planned_at IS
    'when payapi-deliver last planned, to a few seconds: its sign of life';

CREATE TRIGGER webhook_planning_stays
    BEFORE DELETE OR TRUNCATE ON payapi.webhook_planning
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- The callers have locked the endpoints.
CREATE FUNCTION payapi.release_waiting(after_deliveries text[]) RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    UPDATE payapi.webhook_deliveries AS w
       SET status = 'pending', next_at = clock_timestamp()
     WHERE w.status = 'waiting'
       AND (w.payment_id, w.endpoint_id) IN (
               SELECT d.payment_id, d.endpoint_id FROM payapi.webhook_deliveries AS d
                WHERE d.delivery_id = ANY (after_deliveries))
       AND NOT EXISTS (SELECT FROM payapi.webhook_deliveries AS b
                        WHERE b.payment_id = w.payment_id AND b.endpoint_id = w.endpoint_id
                          AND b.seq < w.seq AND NOT b.released);
END;
COMMENT ON FUNCTION payapi.release_waiting IS
    'lets the next events of the same payments go, if nothing before them holds them up any more';

-- The application cannot delete; it asks for what is old. At most at_most of each endpoint. What
-- waits for them need not wait any more.
CREATE FUNCTION payapi.purge_deliveries(older_than_days integer, at_most integer)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
DECLARE
    old    text[];
    purged bigint;
BEGIN
    PERFORM FROM webhook_endpoints ORDER BY endpoint_id FOR NO KEY UPDATE;
    old := ARRAY(
        SELECT d.delivery_id
          FROM webhook_endpoints AS e
               CROSS JOIN LATERAL (
                   SELECT o.delivery_id, o.event_at
                     FROM webhook_deliveries AS o
                    WHERE o.endpoint_id = e.endpoint_id
                    ORDER BY o.delivery_id
                    LIMIT at_most) AS d
         WHERE d.event_at < now() - make_interval(days => greatest(older_than_days, 15)));
    UPDATE webhook_deliveries
       SET status = CASE status WHEN 'waiting' THEN 'pending' ELSE status END, released = true
     WHERE delivery_id = ANY (old) AND NOT released;
    PERFORM release_waiting(old);
    DELETE FROM webhook_deliveries WHERE delivery_id = ANY (old);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION payapi.purge_deliveries IS
    'deletes old deliveries with their attempts, oldest first; returns how many';

GRANT INSERT (delivery_id, endpoint_id, audit_id, payment_id, seq, status, released, next_at,
              event_at),
      UPDATE (status, released, tries_before, next_at)
    ON payapi.webhook_deliveries TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.delivery_id_of TO payapi_app, payapi_read;
GRANT EXECUTE ON FUNCTION payapi.purge_deliveries TO payapi_app;

COMMIT;
