-- A call that was given up reads as refused: nobody asks for it any more.
BEGIN;
SET LOCAL ROLE payapi_owner;

UPDATE payapi.provider_calls SET verdict = 'refused' WHERE verdict = 'given_up';

CREATE OR REPLACE FUNCTION payapi.provider_calls_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN NEW.verdict NOT IN ('done', 'refused', 'not_executed', 'misconfigured', 'unknown') THEN 'verdict_is_known'
        WHEN NEW.finished_at IS NOT NULL AND coalesce(NEW.verdict, '') NOT IN ('done', 'refused')
            THEN 'finished_means_known'
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
COMMENT ON FUNCTION payapi.provider_calls_guard IS 'form of a call; what is finished has a known outcome';
COMMENT ON COLUMN payapi.provider_calls.attempts IS 'how often it was sent; also the fence of the lease';
COMMENT ON COLUMN payapi.provider_calls.verdict IS 'what the last answer meant (RELIABILITY 2.2)';

ALTER TABLE payapi.provider_calls DROP COLUMN sent_at, DROP COLUMN looks, DROP COLUMN maybe_executed;

COMMENT ON COLUMN payapi.refunds.refund_id IS 'ref_ and 26 characters: sorts by time';

COMMIT;
