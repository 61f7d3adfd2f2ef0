-- One key, one effect, one answer.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.idempotency_keys (
    principal            text NOT NULL,
    route                text NOT NULL,
    key                  text NOT NULL CONSTRAINT key_has_form CHECK (key ~ '^[\x21-\x7e]{1,255}$'),
    fingerprint          text NOT NULL CONSTRAINT fingerprint_is_sha256 CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    state                text NOT NULL DEFAULT 'running'
        CONSTRAINT key_state_is_known CHECK (state IN ('running', 'done')),
    holder               text NOT NULL,
    fence                bigint NOT NULL DEFAULT 1,
    locked_until         timestamptz NOT NULL,
    payment_id           text REFERENCES payapi.payments,
    answer_status        integer,
    answer_body          text,
    answer_retry_after_s integer,
    created_at           timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, route, key),
    CONSTRAINT done_has_an_answer CHECK ((state = 'done') = (answer_status IS NOT NULL AND answer_body IS NOT NULL))
);
CREATE INDEX idempotency_keys_by_age ON payapi.idempotency_keys (created_at);

COMMENT ON TABLE  payapi.idempotency_keys IS 'requests that must have one effect and one answer';
COMMENT ON COLUMN payapi.idempotency_keys.principal IS 'subject of the token: keys of others never match';
COMMENT ON COLUMN payapi.idempotency_keys.route IS 'method and pattern, e.g. POST /api/v1/orders/:id/checkout';
COMMENT ON COLUMN payapi.idempotency_keys.key IS 'the client''s key, without quotes';
COMMENT ON COLUMN payapi.idempotency_keys.fingerprint IS 'SHA-256 of method, path and body, hex: another request with this key is refused';
COMMENT ON COLUMN payapi.idempotency_keys.state IS 'running or done';
COMMENT ON COLUMN payapi.idempotency_keys.holder IS 'random mark of the request that runs it: knows its own claim again';
COMMENT ON COLUMN payapi.idempotency_keys.fence IS 'grows with each take-over; an old runner cannot finish';
COMMENT ON COLUMN payapi.idempotency_keys.locked_until IS 'after this a repeat may take over';
COMMENT ON COLUMN payapi.idempotency_keys.payment_id IS 'the payment that this request opened, once it has';
COMMENT ON COLUMN payapi.idempotency_keys.answer_status IS 'HTTP status of the first answer';
COMMENT ON COLUMN payapi.idempotency_keys.answer_body IS 'its body, byte for byte';
COMMENT ON COLUMN payapi.idempotency_keys.answer_retry_after_s IS 'its Retry-After in seconds; 0: none';
COMMENT ON COLUMN payapi.idempotency_keys.created_at IS 'purged IDEMPOTENCY_TTL_H hours after this';

-- fingerprint and created_at too: a key beyond its time starts again in the same row.
GRANT INSERT, UPDATE (fingerprint, state, holder, fence, locked_until, payment_id, answer_status, answer_body,
                      answer_retry_after_s, created_at)
    ON payapi.idempotency_keys TO payapi_app;

COMMIT;
