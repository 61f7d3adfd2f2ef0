-- Intent and outcome of each call that changes something at a provider. The row comes before the call.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.provider_calls (
    call_id             text PRIMARY KEY CONSTRAINT call_id_has_form CHECK (call_id ~ '^pca_[0-9A-HJKMNP-TV-Z]{26}$'),
    payment_id          text NOT NULL REFERENCES payapi.payments,
    provider            text NOT NULL,
    operation           text NOT NULL CONSTRAINT operation_is_known CHECK (operation IN ('checkout', 'expire', 'refund')),
    request_method      text NOT NULL,
    request_path        text NOT NULL,
    request_body        text NOT NULL,
    idempotency_key     text NOT NULL CONSTRAINT call_has_key CHECK (idempotency_key <> ''),
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
    CONSTRAINT provider_key_once UNIQUE (provider, idempotency_key),
    CONSTRAINT verdict_is_known CHECK (verdict IN ('done', 'refused', 'not_executed', 'misconfigured', 'unknown')),
    CONSTRAINT finished_means_known CHECK (finished_at IS NULL OR coalesce(verdict, '') IN ('done', 'refused'))
);
CREATE INDEX provider_calls_by_payment ON payapi.provider_calls (payment_id);
CREATE INDEX provider_calls_due ON payapi.provider_calls (next_at) WHERE finished_at IS NULL;
CREATE INDEX provider_calls_recent ON payapi.provider_calls (provider, recorded_at);

COMMENT ON TABLE  payapi.provider_calls IS 'each intended call of a provider, its frozen request and its outcome';
COMMENT ON COLUMN payapi.provider_calls.call_id IS 'pca_ and 26 characters';
COMMENT ON COLUMN payapi.provider_calls.payment_id IS 'the payment it is about';
COMMENT ON COLUMN payapi.provider_calls.provider IS 'who is called';
COMMENT ON COLUMN payapi.provider_calls.operation IS 'what is asked for';
COMMENT ON COLUMN payapi.provider_calls.request_method IS 'HTTP method';
COMMENT ON COLUMN payapi.provider_calls.request_path IS 'path below the provider''s base URL';
COMMENT ON COLUMN payapi.provider_calls.request_body IS 'frozen: every repeat sends these bytes; holds no secret';
COMMENT ON COLUMN payapi.provider_calls.idempotency_key IS 'our key at the provider: a function of our row';
COMMENT ON COLUMN payapi.provider_calls.attempts IS 'how often it was sent; also the fence of the lease';
COMMENT ON COLUMN payapi.provider_calls.started_at IS 'when the intent was noted; the key is safe to reuse for 23 h';
COMMENT ON COLUMN payapi.provider_calls.lease_until IS 'somebody is calling until then at most';
COMMENT ON COLUMN payapi.provider_calls.next_at IS 'when the outcome is asked for again';
COMMENT ON COLUMN payapi.provider_calls.recorded_at IS 'when the last attempt ended';
COMMENT ON COLUMN payapi.provider_calls.finished_at IS 'when the outcome was known; null: open';
COMMENT ON COLUMN payapi.provider_calls.verdict IS 'what the last answer meant (RELIABILITY 2.2)';
COMMENT ON COLUMN payapi.provider_calls.http_status IS 'of the last answer; 0: none came';
COMMENT ON COLUMN payapi.provider_calls.provider_request_id IS 'the provider''s own id of the request, for their support';
COMMENT ON COLUMN payapi.provider_calls.error IS 'transport error or the provider''s error code';
COMMENT ON COLUMN payapi.provider_calls.duration_ms IS 'how long the last attempt took';
COMMENT ON COLUMN payapi.provider_calls.trace_id IS 'of the request that noted the intent';

CREATE TRIGGER provider_calls_stay BEFORE DELETE OR TRUNCATE ON payapi.provider_calls
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT, UPDATE (attempts, lease_until, next_at, recorded_at, finished_at, verdict, http_status,
                      provider_request_id, error, duration_ms)
    ON payapi.provider_calls TO payapi_app;

COMMIT;
