-- Intent and outcome of each call that changes something at a provider. The row is written before
-- the call is made.
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
-- Locks: payapi.refunds SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.provider_calls (
    call_id             text NOT NULL,
    payment_id          text NOT NULL REFERENCES payapi.payments,
    provider            text NOT NULL,
    operation           text NOT NULL,
    request_method      text NOT NULL,
    request_path        text NOT NULL,
    request_body        text NOT NULL,
    idempotency_key     text NOT NULL,
    attempts            integer NOT NULL DEFAULT 1,
    started_at          timestamptz(3) NOT NULL,
    lease_until         timestamptz,
    next_at             timestamptz,
    recorded_at         timestamptz(3),
    finished_at         timestamptz(3),
    verdict             text,
    http_status         integer,
    provider_request_id text NOT NULL DEFAULT '',
    error               text NOT NULL DEFAULT '',
    duration_ms         bigint,
    trace_id            text NOT NULL,
    refund_id           text REFERENCES payapi.refunds,
    sent_at             timestamptz,
    looks               integer NOT NULL DEFAULT 0,
    maybe_executed      boolean NOT NULL DEFAULT false,
    replays_5xx         boolean NOT NULL DEFAULT false,
    -- A call is always asked for with its payment, so one index finds it and a payment's calls.
    PRIMARY KEY (payment_id, call_id),
    CONSTRAINT provider_key_once UNIQUE (provider, idempotency_key)
);
COMMENT ON INDEX payapi.provider_calls_pkey IS 'a call, and the calls of a payment';
COMMENT ON INDEX payapi.provider_key_once IS 'no two calls share a key at the provider';
CREATE INDEX provider_calls_due ON payapi.provider_calls (next_at) WHERE finished_at IS NULL;
COMMENT ON INDEX payapi.provider_calls_due IS
    'open calls by the time at which their outcome is asked for';

COMMENT ON TABLE  payapi.provider_calls IS
    'each intended call to a provider: its frozen request and its outcome';
COMMENT ON COLUMN payapi.provider_calls.call_id IS 'pca_ and 26 characters';
COMMENT ON COLUMN payapi.provider_calls.payment_id IS 'the payment it is about';
COMMENT ON COLUMN payapi.provider_calls.provider IS 'who is called';
COMMENT ON COLUMN payapi.provider_calls.operation IS 'what we ask for';
COMMENT ON COLUMN payapi.provider_calls.request_method IS 'HTTP method';
COMMENT ON COLUMN payapi.provider_calls.request_path IS 'path below the provider''s base URL';
COMMENT ON COLUMN payapi.provider_calls.request_body IS
    'frozen: every retry sends these bytes; contains no secret';
COMMENT ON COLUMN payapi.provider_calls.idempotency_key IS
    'our key at the provider, derived from our row';
COMMENT ON COLUMN payapi.provider_calls.attempts IS
    'how often it was leased, to be sent or to look up its outcome; also the fence of the lease';
COMMENT ON COLUMN payapi.provider_calls.started_at IS
    'when the intent was recorded; the key is safe to reuse for 23 h';
COMMENT ON COLUMN payapi.provider_calls.lease_until IS 'when the lease of whoever is calling ends';
COMMENT ON COLUMN payapi.provider_calls.next_at IS 'when to ask for the outcome again';
COMMENT ON COLUMN payapi.provider_calls.recorded_at IS 'when the last attempt ended';
COMMENT ON COLUMN payapi.provider_calls.finished_at IS
    'when the outcome became known; null: still open';
COMMENT ON COLUMN payapi.provider_calls.verdict IS
    'what the last answer meant (docs/reliability.md 2.2), or that a human gave it up';
COMMENT ON COLUMN payapi.provider_calls.http_status IS 'of the last answer; 0: there was none';
COMMENT ON COLUMN payapi.provider_calls.provider_request_id IS
    'the provider''s own id of the request, for their support';
COMMENT ON COLUMN payapi.provider_calls.error IS 'transport error or the provider''s error code';
COMMENT ON COLUMN payapi.provider_calls.duration_ms IS 'how long the last attempt took';
COMMENT ON COLUMN payapi.provider_calls.trace_id IS 'of the request that recorded the intent';
COMMENT ON COLUMN payapi.provider_calls.refund_id IS 'the refund it is about, if any';
COMMENT ON COLUMN payapi.provider_calls.sent_at IS
    'when it was last sent: the end of that attempt, or of its lease while the attempt is under '
    'way; null: never';
COMMENT ON COLUMN payapi.provider_calls.looks IS
    'how many of the attempts sent nothing and only looked up the outcome';
COMMENT ON COLUMN payapi.provider_calls.maybe_executed IS
    'an attempt was sent, or is being sent, and we do not know whether the provider executed it';
COMMENT ON COLUMN payapi.provider_calls.replays_5xx IS
    'the provider has stored a 5xx answer under this key: a retry would only get that answer again';

CREATE FUNCTION payapi.provider_calls_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NEW.verdict NOT IN
             ('done', 'refused', 'not_executed', 'misconfigured', 'unknown', 'given_up')
            THEN 'verdict_is_known'
        WHEN NEW.finished_at IS NOT NULL
             AND coalesce(NEW.verdict, '') NOT IN ('done', 'refused', 'given_up')
            THEN 'finished_means_known'
        WHEN NEW.looks NOT BETWEEN 0 AND NEW.attempts THEN 'looks_are_attempts'
        WHEN NEW.maybe_executed AND NEW.sent_at IS NULL THEN 'executed_means_sent'
        WHEN TG_OP = 'UPDATE' THEN NULL
        WHEN NOT payapi.id_has_form(NEW.call_id, 'pca_') THEN 'call_id_has_form'
        WHEN NEW.operation NOT IN ('checkout', 'expire', 'refund') THEN 'operation_is_known'
        WHEN NEW.idempotency_key = '' THEN 'call_has_key'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'call %: %', NEW.call_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.provider_calls_guard IS
    'trigger: checks the values of a call; a finished one has a known outcome, or a human gave it '
    'up';

CREATE TRIGGER provider_calls_guard BEFORE INSERT OR UPDATE ON payapi.provider_calls
    FOR EACH ROW EXECUTE FUNCTION payapi.provider_calls_guard();
CREATE TRIGGER provider_calls_stay BEFORE DELETE OR TRUNCATE ON payapi.provider_calls
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT,
      UPDATE (attempts, lease_until, next_at, recorded_at, finished_at, verdict, http_status,
              provider_request_id, error, duration_ms, sent_at, looks, maybe_executed,
              replays_5xx)
    ON payapi.provider_calls TO payapi_app;

COMMIT;
