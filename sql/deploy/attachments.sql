-- Money that pays for nothing (surplus, or less than is due) can be given to another order by a human: its
-- payment moves there, and so does its charge in the ledger, by two rows that make up for each other.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE OR REPLACE FUNCTION payapi.payments_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closes CONSTANT text[] := ARRAY['open', 'failed', 'expired', 'cancelled'];
    moved CONSTANT boolean := TG_OP = 'UPDATE'
        AND (NEW.order_id, NEW.amount_minor) IS DISTINCT FROM (OLD.order_id, OLD.amount_minor);
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
            WHEN (NEW.payment_id, NEW.currency, NEW.provider, NEW.expires_at, NEW.created_at)
                 IS DISTINCT FROM (OLD.payment_id, OLD.currency, OLD.provider, OLD.expires_at, OLD.created_at)
                THEN 'payment_is_immutable'
            WHEN moved AND (NEW.order_id = OLD.order_id OR OLD.captured_minor = 0
                            OR NOT (OLD.surplus OR OLD.status = 'processing'))
                THEN 'payment_is_immutable'
            WHEN moved AND (OLD.refund_held_minor > 0 OR OLD.disputed_minor > 0) THEN 'attached_money_is_whole'
            WHEN NEW.captured_minor < OLD.captured_minor THEN 'captured_never_shrinks'
            WHEN array_position(closes, NEW.close_reason) < array_position(closes, OLD.close_reason)
                THEN 'closed_stays_closed'
            WHEN OLD.surplus AND NOT NEW.surplus AND NOT moved THEN 'surplus_is_sticky'
            WHEN OLD.mismatch AND NOT NEW.mismatch THEN 'mismatch_is_sticky'
            WHEN OLD.accepted AND NOT NEW.accepted AND NOT moved THEN 'acceptance_is_sticky'
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
-- The application may change neither column itself.
CREATE FUNCTION payapi.attach_payment(attached text, to_order text, due_minor bigint, differs boolean, new_status text,
                                      asks boolean, why text, causes integer, at timestamptz)
    RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = payapi, pg_temp AS $$
    WITH moved AS (
        UPDATE payments
           SET order_id = to_order, amount_minor = due_minor, surplus = false, accepted = false, mismatch = differs,
               status = new_status, needs_review = asks, review_reason = why, review_causes = causes, updated_at = at
         WHERE payment_id = attached
        RETURNING 1)
    SELECT count(*) FROM moved
$$;
COMMENT ON FUNCTION payapi.attach_payment(text, text, bigint, boolean, text, boolean, text, integer, timestamptz)
    IS 'gives a payment to another order, with the status and the review that follow; how many were there';
REVOKE ALL ON FUNCTION payapi.attach_payment(text, text, bigint, boolean, text, boolean, text, integer, timestamptz)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payapi.attach_payment(text, text, bigint, boolean, text, boolean, text, integer, timestamptz)
    TO payapi_app;
COMMENT ON COLUMN payapi.payments.order_id IS 'the order to be paid; another one only when a human attaches money that pays for nothing';
COMMENT ON COLUMN payapi.payments.amount_minor IS 'the order''s amount, ISO 4217 minor units';
COMMENT ON COLUMN payapi.payments.surplus IS 'money arrived although the order was paid otherwise; sticky while it is that order''s';
COMMENT ON COLUMN payapi.payments.accepted IS 'fact: a human took what came for the whole amount; sticky while it is that order''s';

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
                               WHEN 'reassignment' THEN NEW.amount_minor <> 0
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
COMMENT ON COLUMN payapi.transactions.kind IS 'charge, refund, refund_reversal, dispute, dispute_reversal, reassignment (from one order to another)';

COMMIT;
