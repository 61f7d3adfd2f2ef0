-- What was attached stays where it is; no more can be.
BEGIN;
SET LOCAL ROLE payapi_owner;

DROP FUNCTION payapi.attach_payment(text, text, bigint, boolean, text, boolean, text, integer, timestamptz);

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
COMMENT ON COLUMN payapi.payments.order_id IS 'the order to be paid';
COMMENT ON COLUMN payapi.payments.amount_minor IS 'the order''s amount, ISO 4217 minor units; immutable';
COMMENT ON COLUMN payapi.payments.surplus IS 'money arrived although the order was paid otherwise; sticky';
COMMENT ON COLUMN payapi.payments.accepted IS 'fact: a human took what came for the whole amount; sticky';

CREATE OR REPLACE FUNCTION payapi.transactions_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN NOT CASE NEW.kind WHEN 'charge' THEN NEW.amount_minor > 0
                               WHEN 'refund' THEN NEW.amount_minor < 0
                               WHEN 'refund_reversal' THEN NEW.amount_minor > 0
                               WHEN 'dispute' THEN NEW.amount_minor < 0
                               WHEN 'dispute_reversal' THEN NEW.amount_minor > 0
                               ELSE false END THEN 'sign_fits_kind'
        WHEN NOT payapi.id_has_form(NEW.transaction_id, 'txn_') THEN 'transaction_id_has_form'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'transaction %: %', NEW.transaction_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON COLUMN payapi.transactions.kind IS 'charge, refund, refund_reversal, dispute, dispute_reversal';

COMMIT;
