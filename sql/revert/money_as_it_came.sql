-- Only money of the order's amount is booked, as before. Refused while other money is in the books.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE FUNCTION payapi.payment_status(captured_minor bigint, refunded_minor bigint, close_reason text, progress text)
    RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN captured_minor > 0 THEN
                     CASE WHEN refunded_minor = 0 THEN 'completed'
                          WHEN refunded_minor < captured_minor THEN 'partially_refunded'
                          ELSE 'refunded' END
                WHEN close_reason <> 'open' THEN close_reason
                WHEN progress = 'none' THEN 'pending'
                WHEN progress = 'opened' THEN 'processing'
                ELSE progress END;
COMMENT ON FUNCTION payapi.payment_status(bigint, bigint, text, text) IS 'the status that these facts mean; twin of payment_derive in C';
GRANT EXECUTE ON FUNCTION payapi.payment_status(bigint, bigint, text, text) TO payapi_app, payapi_read;

CREATE OR REPLACE FUNCTION payapi.refunds_count() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
DECLARE
    held bigint := NEW.amount_minor * (NEW.status IN ('pending', 'requires_action', 'succeeded'))::int;
    done bigint := NEW.amount_minor * (NEW.status = 'succeeded')::int;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        held := held - OLD.amount_minor * (OLD.status IN ('pending', 'requires_action', 'succeeded'))::int;
        done := done - OLD.amount_minor * (OLD.status = 'succeeded')::int;
    END IF;
    IF held <> 0 OR done <> 0 THEN
        UPDATE payments
           SET refund_held_minor = refund_held_minor + held,
               refunded_minor = refunded_minor + done,
               status = payment_status(captured_minor, refunded_minor + done, close_reason, progress)
         WHERE payment_id = NEW.payment_id;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION payapi.payments_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closes CONSTANT text[] := ARRAY['open', 'failed', 'expired', 'cancelled'];
    broken text;
BEGIN
    broken := CASE
        WHEN NEW.close_reason NOT IN ('open', 'failed', 'expired', 'cancelled') THEN 'close_reason_is_known'
        WHEN NEW.progress NOT IN ('none', 'opened', 'requires_action', 'processing', 'failed') THEN 'progress_is_known'
        WHEN NEW.dispute NOT IN ('none', 'open', 'won', 'lost') THEN 'dispute_overlay_is_known'
        WHEN (NEW.completed_at IS NOT NULL) <> (NEW.captured_minor > 0) THEN 'completed_when_captured'
        WHEN NEW.mismatch AND NEW.review_reason = '' THEN 'mismatch_has_a_reason'
        WHEN NEW.status <> payapi.payment_status(NEW.captured_minor, NEW.refunded_minor, NEW.close_reason, NEW.progress)
            THEN 'status_follows_from_facts'
        WHEN TG_OP = 'INSERT' AND NOT payapi.id_has_form(NEW.payment_id, 'pay_') THEN 'payment_id_has_form'
        WHEN TG_OP = 'INSERT' AND NEW.provider NOT IN ('stripe', 'paystack') THEN 'payment_provider_is_known'
    END;
    IF TG_OP = 'UPDATE' AND broken IS NULL THEN
        broken := CASE
            WHEN (NEW.payment_id, NEW.order_id, NEW.amount_minor, NEW.currency, NEW.provider, NEW.expires_at, NEW.created_at)
                 IS DISTINCT FROM (OLD.payment_id, OLD.order_id, OLD.amount_minor, OLD.currency, OLD.provider, OLD.expires_at, OLD.created_at)
                THEN 'payment_is_immutable'
            WHEN NEW.captured_minor < OLD.captured_minor THEN 'captured_never_shrinks'
            WHEN array_position(closes, NEW.close_reason) < array_position(closes, OLD.close_reason)
                THEN 'closed_stays_closed'
            WHEN OLD.surplus AND NOT NEW.surplus THEN 'surplus_is_sticky'
            WHEN OLD.mismatch AND NOT NEW.mismatch THEN 'mismatch_is_sticky'
            WHEN OLD.provider_ref <> NEW.provider_ref OR (OLD.provider_ref IS NOT NULL AND NEW.provider_ref IS NULL)
                THEN 'provider_ref_is_written_once'
            WHEN OLD.provider_intent <> NEW.provider_intent OR (OLD.provider_intent IS NOT NULL AND NEW.provider_intent IS NULL)
                THEN 'provider_intent_is_written_once'
            WHEN OLD.completed_at <> NEW.completed_at THEN 'completed_once'
        END;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'payment %: %', NEW.payment_id, broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER payments_guard ON payapi.payments;
CREATE TRIGGER payments_guard BEFORE INSERT OR UPDATE OF
        payment_id, order_id, amount_minor, currency, provider, provider_ref, provider_intent, captured_minor,
        refunded_minor, close_reason, progress, mismatch, review_reason, status, dispute, surplus, expires_at,
        created_at, completed_at
    ON payapi.payments FOR EACH ROW EXECUTE FUNCTION payapi.payments_guard();
DROP FUNCTION payapi.payment_status(bigint, bigint, text, text, bigint, boolean);

DROP INDEX payapi.payments_to_close;
DROP INDEX payapi.one_charge_per_payment;
CREATE UNIQUE INDEX one_charge_per_payment ON payapi.transactions (payment_id) WHERE kind = 'charge';

ALTER TABLE payapi.payments
    ADD CONSTRAINT captured_within_amount CHECK (captured_minor <= amount_minor),
    DROP COLUMN accepted,
    DROP COLUMN review_causes;

COMMIT;
