-- What tells us of events that never arrived: how far a provider's list was read, and when a payment
-- was last looked at.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.provider_cursors (
    provider     text PRIMARY KEY,
    pulled_to_s  bigint NOT NULL,
    sweep_from_s bigint NOT NULL DEFAULT 0,
    sweep_to_s   bigint NOT NULL DEFAULT 0,
    page_after   text NOT NULL DEFAULT '',
    fence        bigint NOT NULL DEFAULT 0,
    lease_until  timestamptz,
    next_at      timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE  payapi.provider_cursors IS 'how far each provider''s list of events was read';
COMMENT ON COLUMN payapi.provider_cursors.provider IS 'whose list';
COMMENT ON COLUMN payapi.provider_cursors.pulled_to_s IS 'every event created before was seen; the provider''s clock, Unix seconds';
COMMENT ON COLUMN payapi.provider_cursors.sweep_from_s IS 'the reading under way began here; newest events come first';
COMMENT ON COLUMN payapi.provider_cursors.sweep_to_s IS 'the newest event it has seen: pulled_to_s when it is through';
COMMENT ON COLUMN payapi.provider_cursors.page_after IS 'event after which its next page begins; empty: none is under way';
COMMENT ON COLUMN payapi.provider_cursors.fence IS 'grows with each claim; an old runner cannot move the cursor';
COMMENT ON COLUMN payapi.provider_cursors.lease_until IS 'somebody is reading until then at most';
COMMENT ON COLUMN payapi.provider_cursors.next_at IS 'when it is read again';

GRANT INSERT (provider, pulled_to_s),
      UPDATE (pulled_to_s, sweep_from_s, sweep_to_s, page_after, fence, lease_until, next_at)
    ON payapi.provider_cursors TO payapi_app;

-- What waits longest comes first, but new events do not queue behind those that keep failing.
CREATE INDEX webhook_events_fresh ON payapi.webhook_events (next_at) WHERE status = 'received' AND attempts = 0;
COMMENT ON INDEX payapi.webhook_events_fresh IS 'events that nobody tried yet';

ALTER TABLE payapi.payments ADD COLUMN looked_at timestamptz;
COMMENT ON COLUMN payapi.payments.looked_at IS 'when payapi-jobs last asked the provider because no event came; null: never';
GRANT UPDATE (looked_at) ON payapi.payments TO payapi_app;
CREATE INDEX refunds_under_way ON payapi.refunds (payment_id) WHERE status IN ('pending', 'requires_action');
COMMENT ON INDEX payapi.refunds_under_way IS 'refunds whose end the provider has yet to tell';

COMMENT ON COLUMN payapi.audit_log.actor IS 'user:SUB, admin:SUB, webhook:PROVIDER, pull:PROVIDER, jobs';

COMMIT;
