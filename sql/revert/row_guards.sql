-- The CHECKs, and the guards of updates alone, as they were.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER FUNCTION payapi.must_be_one(bigint) SET search_path = payapi, pg_temp;

DROP TRIGGER provider_calls_guard ON payapi.provider_calls;
DROP FUNCTION payapi.provider_calls_guard();
DROP TRIGGER webhook_events_guard ON payapi.webhook_events;
DROP FUNCTION payapi.webhook_events_guard();
DROP TRIGGER transactions_guard ON payapi.transactions;
DROP FUNCTION payapi.transactions_guard();
DROP TRIGGER outbox_guard ON payapi.outbox;
DROP FUNCTION payapi.outbox_guard();
DROP TRIGGER idempotency_keys_guard ON payapi.idempotency_keys;
DROP FUNCTION payapi.idempotency_keys_guard();
DROP TRIGGER orders_guard ON payapi.orders;
DROP TRIGGER payments_guard ON payapi.payments;
DROP TRIGGER refunds_guard ON payapi.refunds;

CREATE OR REPLACE FUNCTION payapi.orders_guard() RETURNS trigger LANGUAGE plpgsql
    SET search_path = payapi, pg_temp AS $$
BEGIN
    IF (NEW.order_id, NEW.owner_id, NEW.amount_minor, NEW.currency, NEW.created_at)
       IS DISTINCT FROM (OLD.order_id, OLD.owner_id, OLD.amount_minor, OLD.currency, OLD.created_at) THEN
        RAISE EXCEPTION 'order %: id, owner, amount, currency and birth never change', OLD.order_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'order_is_immutable';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.orders_guard() IS 'trigger: what an order is about never changes';
CREATE TRIGGER orders_guard BEFORE UPDATE ON payapi.orders
    FOR EACH ROW EXECUTE FUNCTION payapi.orders_guard();

CREATE OR REPLACE FUNCTION payapi.payments_guard() RETURNS trigger LANGUAGE plpgsql
    SET search_path = payapi, pg_temp AS $$
DECLARE
    closes CONSTANT text[] := ARRAY['open', 'failed', 'expired', 'cancelled'];
    broken text;
BEGIN
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
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'payment %: %', OLD.payment_id, broken
            USING ERRCODE = 'restrict_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.payments_guard() IS 'trigger: facts only grow, references are written once';
CREATE TRIGGER payments_guard BEFORE UPDATE OF
        payment_id, order_id, amount_minor, currency, provider, provider_ref, provider_intent, captured_minor,
        close_reason, mismatch, surplus, expires_at, created_at, completed_at
    ON payapi.payments FOR EACH ROW EXECUTE FUNCTION payapi.payments_guard();

CREATE OR REPLACE FUNCTION payapi.refunds_guard() RETURNS trigger LANGUAGE plpgsql
    SET search_path = payapi, pg_temp AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN (NEW.refund_id, NEW.payment_id, NEW.amount_minor, NEW.currency, NEW.provider, NEW.client_key, NEW.origin, NEW.created_at)
             IS DISTINCT FROM (OLD.refund_id, OLD.payment_id, OLD.amount_minor, OLD.currency, OLD.provider, OLD.client_key, OLD.origin, OLD.created_at)
            THEN 'refund_is_immutable'
        WHEN refund_rank(NEW.status) < refund_rank(OLD.status) THEN 'refund_never_goes_back'
        WHEN OLD.provider_ref <> NEW.provider_ref OR (OLD.provider_ref IS NOT NULL AND NEW.provider_ref IS NULL)
            THEN 'refund_ref_is_written_once'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'refund %: %', OLD.refund_id, broken
            USING ERRCODE = 'restrict_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.refunds_guard() IS 'trigger: what a refund is about never changes, its status only advances';
CREATE TRIGGER refunds_guard BEFORE UPDATE ON payapi.refunds
    FOR EACH ROW EXECUTE FUNCTION payapi.refunds_guard();

ALTER TABLE payapi.orders
    ADD CONSTRAINT order_id_is_allowed CHECK (order_id ~ '^[A-Za-z0-9._-]{1,64}$' AND order_id NOT IN ('.', '..')),
    ADD CONSTRAINT owner_id_has_length CHECK (length(owner_id) BETWEEN 1 AND 255),
    ADD CONSTRAINT order_status_is_known CHECK (status IN ('open', 'paid', 'refunded'));
ALTER TABLE payapi.payments
    ADD CONSTRAINT payment_id_has_form CHECK (payment_id ~ '^pay_[0-9A-HJKMNP-TV-Z]{26}$'),
    ADD CONSTRAINT payment_provider_is_known CHECK (provider IN ('stripe', 'paystack')),
    ADD CONSTRAINT close_reason_is_known CHECK (close_reason IN ('open', 'failed', 'expired', 'cancelled')),
    ADD CONSTRAINT progress_is_known CHECK (progress IN ('none', 'opened', 'requires_action', 'processing', 'failed')),
    ADD CONSTRAINT completed_when_captured CHECK ((completed_at IS NOT NULL) = (captured_minor > 0)),
    ADD CONSTRAINT mismatch_has_a_reason CHECK (NOT mismatch OR review_reason <> ''),
    ADD CONSTRAINT status_follows_from_facts CHECK (status = CASE WHEN captured_minor > 0 THEN CASE WHEN refunded_minor = 0 THEN 'completed' WHEN refunded_minor < captured_minor THEN 'partially_refunded' ELSE 'refunded' END WHEN close_reason <> 'open' THEN close_reason WHEN progress = 'none' THEN 'pending' WHEN progress = 'opened' THEN 'processing' ELSE progress END),
    ADD CONSTRAINT dispute_overlay_is_known CHECK (dispute IN ('none', 'open', 'won', 'lost'));
ALTER TABLE payapi.provider_calls
    ADD CONSTRAINT call_id_has_form CHECK (call_id ~ '^pca_[0-9A-HJKMNP-TV-Z]{26}$'),
    ADD CONSTRAINT operation_is_known CHECK (operation IN ('checkout', 'expire', 'refund')),
    ADD CONSTRAINT call_has_key CHECK (idempotency_key <> ''),
    ADD CONSTRAINT verdict_is_known CHECK (verdict IN ('done', 'refused', 'not_executed', 'misconfigured', 'unknown')),
    ADD CONSTRAINT finished_means_known CHECK (finished_at IS NULL OR coalesce(verdict, '') IN ('done', 'refused'));
ALTER TABLE payapi.webhook_events
    ADD CONSTRAINT inbox_id_has_form CHECK (inbox_id ~ '^whe_[0-9A-HJKMNP-TV-Z]{26}$'),
    ADD CONSTRAINT webhook_status_is_known CHECK (status IN ('received', 'processed', 'ignored', 'dead')),
    ADD CONSTRAINT processed_has_a_payment CHECK (status <> 'processed' OR payment_id IS NOT NULL),
    ADD CONSTRAINT purged_is_finished CHECK ( body_purged_at IS NULL OR (body = '' AND status IN ('processed', 'ignored')));
ALTER TABLE payapi.transactions
    ADD CONSTRAINT transaction_id_has_form CHECK (transaction_id ~ '^txn_[0-9A-HJKMNP-TV-Z]{26}$'),
    ADD CONSTRAINT sign_fits_kind CHECK ( CASE kind WHEN 'charge' THEN amount_minor > 0 WHEN 'refund' THEN amount_minor < 0 WHEN 'refund_reversal' THEN amount_minor > 0 WHEN 'dispute' THEN amount_minor < 0 WHEN 'dispute_reversal' THEN amount_minor > 0 ELSE false END);
ALTER TABLE payapi.outbox
    ADD CONSTRAINT event_id_has_form CHECK (event_id ~ '^evt_[0-9A-HJKMNP-TV-Z]{26}$');
ALTER TABLE payapi.refunds
    ADD CONSTRAINT refund_id_has_form CHECK (refund_id ~ '^ref_[0-9A-HJKMNP-TV-Z]{26}$'),
    ADD CONSTRAINT refund_status_is_known CHECK (status IN ('pending', 'requires_action', 'succeeded', 'cancelled', 'failed')),
    ADD CONSTRAINT refund_origin_is_known CHECK (origin IN ('api', 'provider', 'surplus'));
ALTER TABLE payapi.idempotency_keys
    ADD CONSTRAINT key_has_form CHECK (key ~ '^[\x21-\x7e]{1,255}$'),
    ADD CONSTRAINT fingerprint_is_sha256 CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT key_state_is_known CHECK (state IN ('running', 'done')),
    ADD CONSTRAINT done_has_an_answer CHECK ((state = 'done') = (answer_status IS NOT NULL AND answer_body IS NOT NULL));

DROP FUNCTION payapi.id_has_form;

COMMIT;
