-- Of a call: when it was sent last, how often its outcome was only looked for, and whether it may have been
-- carried out. And a human may give up a call whose outcome nobody can tell.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.provider_calls
    ADD COLUMN sent_at timestamptz,
    ADD COLUMN looks integer NOT NULL DEFAULT 0,
    ADD COLUMN maybe_executed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN payapi.provider_calls.attempts IS 'how often it was leased, to be sent or looked for; also the fence of the lease';
COMMENT ON COLUMN payapi.provider_calls.sent_at IS 'when it was sent last: the end of that attempt, or of its lease while it is under way; null: never';
COMMENT ON COLUMN payapi.provider_calls.looks IS 'of the attempts, those that sent nothing and only looked for the outcome';
COMMENT ON COLUMN payapi.provider_calls.maybe_executed IS 'an attempt was sent, and nobody knows whether the provider carried it out; while a sending is under way too';

-- Of the calls of before every attempt counts as a sending.
UPDATE payapi.provider_calls
   SET sent_at = coalesce(lease_until, started_at), maybe_executed = true
 WHERE finished_at IS NULL AND attempts > 0;

CREATE OR REPLACE FUNCTION payapi.provider_calls_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN NEW.verdict NOT IN ('done', 'refused', 'not_executed', 'misconfigured', 'unknown', 'given_up')
            THEN 'verdict_is_known'
        WHEN NEW.finished_at IS NOT NULL AND coalesce(NEW.verdict, '') NOT IN ('done', 'refused', 'given_up')
            THEN 'finished_means_known'
        WHEN NEW.looks NOT BETWEEN 0 AND NEW.attempts THEN 'looks_are_attempts'
        WHEN NEW.maybe_executed AND NEW.sent_at IS NULL THEN 'executed_means_sent'
        WHEN TG_OP = 'UPDATE' THEN NULL
        WHEN NOT payapi.id_has_form(NEW.call_id, 'pca_') THEN 'call_id_has_form'
        WHEN NEW.operation NOT IN ('checkout', 'expire', 'refund') THEN 'operation_is_known'
        WHEN NEW.idempotency_key = '' THEN 'call_has_key'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'call %: %', NEW.call_id, broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.provider_calls_guard IS 'form of a call; what is finished has a known outcome, or a human gave it up';
COMMENT ON COLUMN payapi.provider_calls.verdict IS 'what the last answer meant (RELIABILITY 2.2), or that a human gave it up';

GRANT UPDATE (sent_at, looks, maybe_executed) ON payapi.provider_calls TO payapi_app;

COMMENT ON COLUMN payapi.refunds.refund_id IS 'ref_, the time in its payment''s id, and 16 characters that follow from payment and key';

COMMIT;
