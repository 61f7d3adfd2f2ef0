-- Money of another amount than the order's is booked as it came. Less than is due leaves the payment
-- processing until the rest comes or a human accepts it; more than is due is the payer's, and goes back.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.payments ADD COLUMN accepted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN payapi.payments.accepted IS 'fact: a human took what came for the whole amount; sticky';
ALTER TABLE payapi.payments DROP CONSTRAINT captured_within_amount;
ALTER TABLE payapi.payments ADD COLUMN review_causes integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN payapi.payments.review_causes IS 'what a human was ever asked about: bit n is cause n of review.h; sticky';
UPDATE payapi.payments SET review_causes = 2 WHERE mismatch;
GRANT UPDATE (accepted, review_causes) ON payapi.payments TO payapi_app;

CREATE FUNCTION payapi.payment_status(captured_minor bigint, refunded_minor bigint, close_reason text, progress text,
                                      due_minor bigint, accepted boolean)
    RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN captured_minor > 0 THEN
                     CASE WHEN refunded_minor >= captured_minor THEN 'refunded'
                          WHEN captured_minor < due_minor AND NOT accepted THEN 'processing'
                          WHEN refunded_minor = 0 THEN 'completed'
                          ELSE 'partially_refunded' END
                WHEN close_reason <> 'open' THEN close_reason
                WHEN progress = 'none' THEN 'pending'
                WHEN progress = 'opened' THEN 'processing'
                ELSE progress END;
COMMENT ON FUNCTION payapi.payment_status(bigint, bigint, text, text, bigint, boolean)
    IS 'the status that these facts mean; twin of payment_derive in C';
GRANT EXECUTE ON FUNCTION payapi.payment_status(bigint, bigint, text, text, bigint, boolean) TO payapi_app, payapi_read;

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
               status = payment_status(captured_minor, refunded_minor + done, close_reason, progress,
                                       amount_minor, accepted)
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
        WHEN NEW.captured_minor > NEW.amount_minor AND NOT NEW.mismatch THEN 'captured_within_amount'
        WHEN NEW.status <> payapi.payment_status(NEW.captured_minor, NEW.refunded_minor, NEW.close_reason,
                                                 NEW.progress, NEW.amount_minor, NEW.accepted)
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
            WHEN OLD.accepted AND NOT NEW.accepted THEN 'acceptance_is_sticky'
            WHEN OLD.review_causes & NEW.review_causes <> OLD.review_causes THEN 'review_causes_are_sticky'
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
        refunded_minor, close_reason, progress, mismatch, accepted, review_reason, review_causes, status, dispute, surplus, expires_at,
        created_at, completed_at
    ON payapi.payments FOR EACH ROW EXECUTE FUNCTION payapi.payments_guard();
DROP FUNCTION payapi.payment_status(bigint, bigint, text, text);

-- Late money takes the order over from a page where nobody has paid; that page is closed at once.
CREATE INDEX payments_to_close ON payapi.payments (payment_id) WHERE provider_open AND surplus;
COMMENT ON INDEX payapi.payments_to_close IS 'open pages whose order was paid elsewhere meanwhile';

-- What comes later to the same payment is named by its new sum (settle_payment.c), and then counts once.
DROP INDEX payapi.one_charge_per_payment;
CREATE UNIQUE INDEX one_charge_per_payment ON payapi.transactions (payment_id)
    WHERE kind = 'charge' AND strpos(provider_ref, ':') = 0;
COMMENT ON INDEX payapi.one_charge_per_payment IS 'the first charge of a payment; what came later bears its new sum';

COMMIT;
