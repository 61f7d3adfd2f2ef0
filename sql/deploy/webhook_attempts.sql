-- Every try to apply an event but the usual one, at its delivery, that succeeds; and replays.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.webhook_events ADD COLUMN tries_before integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN payapi.webhook_events.tries_before IS 'attempts before the last replay: they no longer count towards dead';
GRANT UPDATE (tries_before) ON payapi.webhook_events TO payapi_app;

CREATE TABLE payapi.webhook_attempts (
    attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    inbox_id   text NOT NULL REFERENCES payapi.webhook_events (inbox_id),
    at         timestamptz(3) NOT NULL,
    actor      text NOT NULL,
    outcome    text NOT NULL
        CONSTRAINT attempt_outcome_is_known CHECK (outcome IN ('received', 'processed', 'ignored', 'dead')),
    reason     text NOT NULL,
    trace_id   text NOT NULL
);
CREATE INDEX webhook_attempts_by_event ON payapi.webhook_attempts (inbox_id, attempt_id);
CREATE INDEX webhook_events_dead ON payapi.webhook_events (inbox_id) WHERE status = 'dead';

COMMENT ON TABLE  payapi.webhook_attempts IS 'tries to apply an event: those that left it waiting, and all that came later; append-only';
COMMENT ON COLUMN payapi.webhook_attempts.attempt_id IS 'in the order of the tries';
COMMENT ON COLUMN payapi.webhook_attempts.inbox_id IS 'the event';
COMMENT ON COLUMN payapi.webhook_attempts.at IS 'when it ended';
COMMENT ON COLUMN payapi.webhook_attempts.actor IS 'the provider (at the delivery), jobs, or the admin who replayed it';
COMMENT ON COLUMN payapi.webhook_attempts.outcome IS 'the event''s status after it; received: it waits';
COMMENT ON COLUMN payapi.webhook_attempts.reason IS 'why it waits, is dead or was ignored';
COMMENT ON COLUMN payapi.webhook_attempts.trace_id IS 'of the try';

CREATE TRIGGER webhook_attempts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.webhook_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT ON payapi.webhook_attempts TO payapi_app;

COMMIT;
