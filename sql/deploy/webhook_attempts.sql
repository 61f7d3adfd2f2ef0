-- Attempts to apply an event, and its replays. The usual case has no row here: an event that is
-- applied when it is delivered.
-- Locks: payapi.webhook_events SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.webhook_attempts (
    attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    inbox_id   text NOT NULL REFERENCES payapi.webhook_events (inbox_id),
    at         timestamptz(3) NOT NULL,
    actor      text NOT NULL,
    outcome    text NOT NULL,
    reason     text NOT NULL,
    trace_id   text NOT NULL,
    CONSTRAINT attempt_outcome_is_known
        CHECK (payapi.webhook_status_is_known(outcome))
);
CREATE INDEX webhook_attempts_by_event ON payapi.webhook_attempts (inbox_id, attempt_id);

COMMENT ON TABLE  payapi.webhook_attempts IS
    'attempts to apply an event: those that left it waiting, and all later ones; append-only';
COMMENT ON COLUMN payapi.webhook_attempts.attempt_id IS 'in the order of the attempts';
COMMENT ON COLUMN payapi.webhook_attempts.inbox_id IS 'the event';
COMMENT ON COLUMN payapi.webhook_attempts.at IS 'when it ended';
COMMENT ON COLUMN payapi.webhook_attempts.actor IS
    'the provider (at the delivery), jobs, or the admin who replayed it';
COMMENT ON COLUMN payapi.webhook_attempts.outcome IS
    'the event''s status after it; received: it still waits';
COMMENT ON COLUMN payapi.webhook_attempts.reason IS 'why it waits, is dead or was ignored';
COMMENT ON COLUMN payapi.webhook_attempts.trace_id IS 'of the attempt';

CREATE TRIGGER webhook_attempts_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.webhook_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT ON payapi.webhook_attempts TO payapi_app;

COMMIT;
