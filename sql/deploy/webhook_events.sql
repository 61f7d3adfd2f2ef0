-- The inbox: every verified event, stored once before anything else happens.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.webhook_events (
    provider         text NOT NULL,
    event_id         text NOT NULL,
    inbox_id         text NOT NULL CONSTRAINT inbox_id_once UNIQUE
        CONSTRAINT inbox_id_has_form CHECK (inbox_id ~ '^whe_[0-9A-HJKMNP-TV-Z]{26}$'),
    type             text NOT NULL,
    livemode         boolean NOT NULL,
    body             bytea NOT NULL,
    status           text NOT NULL DEFAULT 'received'
        CONSTRAINT webhook_status_is_known CHECK (status IN ('received', 'processed', 'ignored', 'dead')),
    reason           text NOT NULL DEFAULT '',
    payment_id       text REFERENCES payapi.payments,
    attempts         integer NOT NULL DEFAULT 0,
    next_at          timestamptz NOT NULL DEFAULT now(),
    lease_until      timestamptz,
    event_created_at timestamptz NOT NULL,
    received_at      timestamptz(3) NOT NULL,
    finished_at      timestamptz(3),
    trace_id         text NOT NULL,
    PRIMARY KEY (provider, event_id),
    CONSTRAINT processed_has_a_payment CHECK (status <> 'processed' OR payment_id IS NOT NULL)
);
CREATE INDEX webhook_events_due ON payapi.webhook_events (next_at) WHERE status = 'received';
CREATE INDEX webhook_events_by_payment ON payapi.webhook_events (payment_id) WHERE payment_id IS NOT NULL;

COMMENT ON TABLE  payapi.webhook_events IS 'inbox of verified provider events';
COMMENT ON COLUMN payapi.webhook_events.provider IS 'who sent it';
COMMENT ON COLUMN payapi.webhook_events.event_id IS 'the provider''s id (Stripe evt_...): the same event is stored once';
COMMENT ON COLUMN payapi.webhook_events.inbox_id IS 'our id: whe_ and 26 characters';
COMMENT ON COLUMN payapi.webhook_events.type IS 'the provider''s type, e.g. checkout.session.completed';
COMMENT ON COLUMN payapi.webhook_events.livemode IS 'live or test event';
COMMENT ON COLUMN payapi.webhook_events.body IS 'the exact bytes that were signed';
COMMENT ON COLUMN payapi.webhook_events.status IS 'received (not yet applied), processed, ignored (with reason), dead';
COMMENT ON COLUMN payapi.webhook_events.reason IS 'why ignored, dead or still waiting';
COMMENT ON COLUMN payapi.webhook_events.payment_id IS 'the payment it names, once known; with processed: was applied to';
COMMENT ON COLUMN payapi.webhook_events.attempts IS 'tries to apply it; also the fence of the lease';
COMMENT ON COLUMN payapi.webhook_events.next_at IS 'when it is tried again while received';
COMMENT ON COLUMN payapi.webhook_events.lease_until IS 'somebody is applying it until then at most';
COMMENT ON COLUMN payapi.webhook_events.event_created_at IS 'the provider''s time of the event';
COMMENT ON COLUMN payapi.webhook_events.received_at IS 'when it was stored';
COMMENT ON COLUMN payapi.webhook_events.finished_at IS 'when it was applied or given up';
COMMENT ON COLUMN payapi.webhook_events.trace_id IS 'of the delivery that stored it';

GRANT INSERT, UPDATE (status, reason, payment_id, attempts, next_at, lease_until, finished_at)
    ON payapi.webhook_events TO payapi_app;

COMMIT;
