-- One key, one effect, one answer.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.idempotency_keys (
    principal            text NOT NULL,
    route                text NOT NULL,
    key                  text NOT NULL,
    fingerprint          text NOT NULL,
    state                text NOT NULL DEFAULT 'running',
    holder               text NOT NULL,
    fence                bigint NOT NULL DEFAULT 1,
    locked_until         timestamptz NOT NULL,
    payment_id           text,
    answer_status        integer,
    answer_body          text,
    answer_retry_after_s integer,
    created_at           timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, route, key)
)
-- The answer makes a row three times as long: with room for it in the same page the update needs no
-- new entry in an index. Keys are purged, so the room comes back.
WITH (fillfactor = 50);
CREATE INDEX idempotency_keys_by_age ON payapi.idempotency_keys (created_at);
COMMENT ON INDEX payapi.idempotency_keys_by_age IS 'the oldest keys, which are purged';

COMMENT ON TABLE  payapi.idempotency_keys IS 'requests that must have one effect and one answer';
COMMENT ON COLUMN payapi.idempotency_keys.principal IS
    'subject of the token; keys of other subjects never match';
COMMENT ON COLUMN payapi.idempotency_keys.route IS
    'method and pattern, e.g. POST /api/v1/orders/:id/checkout';
COMMENT ON COLUMN payapi.idempotency_keys.key IS 'the client''s key, without quotes';
COMMENT ON COLUMN payapi.idempotency_keys.fingerprint IS
    'SHA-256 of method, path and body, hex; a different request with this key is refused';
COMMENT ON COLUMN payapi.idempotency_keys.state IS 'running or done';
COMMENT ON COLUMN payapi.idempotency_keys.holder IS
    'random mark by which the request that runs it recognizes its own claim';
COMMENT ON COLUMN payapi.idempotency_keys.fence IS
    'grows with each take-over; an old runner cannot finish';
COMMENT ON COLUMN payapi.idempotency_keys.locked_until IS
    'after this time a repeated request may take over';
COMMENT ON COLUMN payapi.idempotency_keys.payment_id IS
    'the payment that this request opened: written in the same transaction, a moment earlier, so '
    'an invariant (I11) takes the place of a foreign key; only ever compared';
COMMENT ON COLUMN payapi.idempotency_keys.answer_status IS 'HTTP status of the first answer';
COMMENT ON COLUMN payapi.idempotency_keys.answer_body IS 'its body, byte for byte';
COMMENT ON COLUMN payapi.idempotency_keys.answer_retry_after_s IS
    'its Retry-After in seconds; 0: none';
COMMENT ON COLUMN payapi.idempotency_keys.created_at IS 'purged IDEMPOTENCY_TTL_H hours after this';

CREATE FUNCTION payapi.idempotency_keys_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN length(NEW.key) NOT BETWEEN 1 AND 255 OR NEW.key ~ '[^\x21-\x7e]' THEN 'key_has_form'
        WHEN length(NEW.fingerprint) <> 64 OR NEW.fingerprint ~ '[^0-9a-f]'
            THEN 'fingerprint_is_sha256'
        WHEN NEW.state NOT IN ('running', 'done') THEN 'key_state_is_known'
        WHEN (NEW.state = 'done') <> (NEW.answer_status IS NOT NULL AND NEW.answer_body IS NOT NULL)
            THEN 'done_has_an_answer'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'key %: %', NEW.key, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.idempotency_keys_guard IS
    'trigger: checks the values of a key; one that is done has its answer';

-- The application cannot delete keys itself.
CREATE FUNCTION payapi.purge_idempotency_keys(older_than_hours integer, at_most integer)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
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
COMMENT ON FUNCTION payapi.purge_idempotency_keys IS
    'deletes expired keys that nobody holds, oldest first; returns how many';

CREATE TRIGGER idempotency_keys_guard BEFORE INSERT OR UPDATE ON payapi.idempotency_keys
    FOR EACH ROW EXECUTE FUNCTION payapi.idempotency_keys_guard();

-- Includes fingerprint and created_at, because an expired key starts again in the same row.
GRANT INSERT,
      UPDATE (fingerprint, state, holder, fence, locked_until, payment_id, answer_status,
              answer_body, answer_retry_after_s, created_at)
    ON payapi.idempotency_keys TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.purge_idempotency_keys TO payapi_app;

COMMIT;
