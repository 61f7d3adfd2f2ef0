-- What a row may be, said by its table's guard instead of by CHECKs, under the same names.
--
-- PostgreSQL reads the text of each CHECK anew for every statement that writes to the table (ExecRelCheck):
-- a third of what a webhook cost it. A guard's expressions stay prepared. So the tables that every payment
-- writes have guards; CHECKs stay where they are about amounts of money, or where little is written.
-- A guard uses nothing but operators of PostgreSQL and functions named with their schema, so that it needs no search
-- path of its own; whoever fires it may create neither.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE FUNCTION payapi.id_has_form(id text, prefix text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN starts_with(id, prefix) AND length(id) = length(prefix) + 26
           AND substr(id, length(prefix) + 1) !~ '[^0-9A-HJKMNP-TV-Z]';
COMMENT ON FUNCTION payapi.id_has_form IS 'an id of ours: prefix and 26 digits of Crockford''s base 32';
GRANT EXECUTE ON FUNCTION payapi.id_has_form TO payapi_app;

ALTER FUNCTION payapi.must_be_one(bigint) RESET search_path;

-- Orders ------------------------------------------------------------------------------------------
CREATE OR REPLACE FUNCTION payapi.orders_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        broken := CASE
            WHEN NEW.order_id !~ '^[A-Za-z0-9._-]+$' OR length(NEW.order_id) > 64 OR NEW.order_id IN ('.', '..')
                THEN 'order_id_is_allowed'
            WHEN length(NEW.owner_id) NOT BETWEEN 1 AND 255 THEN 'owner_id_has_length'
            WHEN NEW.status NOT IN ('open', 'paid', 'refunded') THEN 'order_status_is_known'
        END;
    ELSE
        broken := CASE
            WHEN (NEW.order_id, NEW.owner_id, NEW.amount_minor, NEW.currency, NEW.created_at)
                 IS DISTINCT FROM (OLD.order_id, OLD.owner_id, OLD.amount_minor, OLD.currency, OLD.created_at)
                THEN 'order_is_immutable'
            WHEN NEW.status NOT IN ('open', 'paid', 'refunded') THEN 'order_status_is_known'
        END;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'order %: %', NEW.order_id, broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
ALTER FUNCTION payapi.orders_guard() RESET search_path;
COMMENT ON FUNCTION payapi.orders_guard IS 'form of an order; id, owner, amount, currency and birth never change';
DROP TRIGGER orders_guard ON payapi.orders;
CREATE TRIGGER orders_guard BEFORE INSERT OR UPDATE ON payapi.orders
    FOR EACH ROW EXECUTE FUNCTION payapi.orders_guard();
ALTER TABLE payapi.orders
    DROP CONSTRAINT order_id_is_allowed, DROP CONSTRAINT owner_id_has_length, DROP CONSTRAINT order_status_is_known;

-- Payments ----------------------------------------------------------------------------------------
-- Facts only ever grow; with status_follows_from_facts that is the whole transition table.
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
ALTER FUNCTION payapi.payments_guard() RESET search_path;
COMMENT ON FUNCTION payapi.payments_guard IS 'form of a payment; facts only grow, the status follows from them, references are written once';
DROP TRIGGER payments_guard ON payapi.payments;
-- Not for each link of the audit chain, which the payment carries too.
CREATE TRIGGER payments_guard BEFORE INSERT OR UPDATE OF
        payment_id, order_id, amount_minor, currency, provider, provider_ref, provider_intent, captured_minor,
        refunded_minor, close_reason, progress, mismatch, review_reason, status, dispute, surplus, expires_at,
        created_at, completed_at
    ON payapi.payments FOR EACH ROW EXECUTE FUNCTION payapi.payments_guard();
ALTER TABLE payapi.payments
    DROP CONSTRAINT payment_id_has_form, DROP CONSTRAINT payment_provider_is_known,
    DROP CONSTRAINT close_reason_is_known, DROP CONSTRAINT progress_is_known,
    DROP CONSTRAINT dispute_overlay_is_known, DROP CONSTRAINT completed_when_captured,
    DROP CONSTRAINT mismatch_has_a_reason, DROP CONSTRAINT status_follows_from_facts;

-- Provider calls ----------------------------------------------------------------------------------
CREATE FUNCTION payapi.provider_calls_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER provider_calls_guard BEFORE INSERT OR UPDATE ON payapi.provider_calls
    FOR EACH ROW EXECUTE FUNCTION payapi.provider_calls_guard();
ALTER TABLE payapi.provider_calls
    DROP CONSTRAINT call_id_has_form, DROP CONSTRAINT operation_is_known, DROP CONSTRAINT call_has_key,
    DROP CONSTRAINT verdict_is_known, DROP CONSTRAINT finished_means_known;

-- Events in ---------------------------------------------------------------------------------------
CREATE FUNCTION payapi.webhook_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN NEW.status NOT IN ('received', 'processed', 'ignored', 'dead') THEN 'webhook_status_is_known'
        WHEN NEW.status = 'processed' AND NEW.payment_id IS NULL THEN 'processed_has_a_payment'
        WHEN NEW.body_purged_at IS NOT NULL AND (NEW.body <> '' OR NEW.status NOT IN ('processed', 'ignored'))
            THEN 'purged_is_finished'
        WHEN TG_OP = 'INSERT' AND NOT payapi.id_has_form(NEW.inbox_id, 'whe_') THEN 'inbox_id_has_form'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'event %: %', NEW.inbox_id, broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.webhook_events_guard IS 'form of an event; processed ones have a payment, purged ones are finished';
CREATE TRIGGER webhook_events_guard BEFORE INSERT OR UPDATE ON payapi.webhook_events
    FOR EACH ROW EXECUTE FUNCTION payapi.webhook_events_guard();
ALTER TABLE payapi.webhook_events
    DROP CONSTRAINT inbox_id_has_form, DROP CONSTRAINT webhook_status_is_known,
    DROP CONSTRAINT processed_has_a_payment, DROP CONSTRAINT purged_is_finished;

-- The ledger --------------------------------------------------------------------------------------
CREATE FUNCTION payapi.transactions_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION payapi.transactions_guard IS 'form of a movement; what goes out is negative, what comes in positive';
CREATE TRIGGER transactions_guard BEFORE INSERT ON payapi.transactions
    FOR EACH ROW EXECUTE FUNCTION payapi.transactions_guard();
ALTER TABLE payapi.transactions DROP CONSTRAINT transaction_id_has_form, DROP CONSTRAINT sign_fits_kind;

-- Domain events -----------------------------------------------------------------------------------
CREATE FUNCTION payapi.outbox_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT payapi.id_has_form(NEW.event_id, 'evt_') THEN
        RAISE EXCEPTION 'event %: event_id_has_form', NEW.event_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_id_has_form';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.outbox_guard IS 'form of a domain event';
CREATE TRIGGER outbox_guard BEFORE INSERT ON payapi.outbox
    FOR EACH ROW EXECUTE FUNCTION payapi.outbox_guard();
ALTER TABLE payapi.outbox DROP CONSTRAINT event_id_has_form;

-- Refunds -----------------------------------------------------------------------------------------
CREATE OR REPLACE FUNCTION payapi.refunds_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        broken := CASE
            WHEN NOT payapi.id_has_form(NEW.refund_id, 'ref_') THEN 'refund_id_has_form'
            WHEN NEW.status NOT IN ('pending', 'requires_action', 'succeeded', 'cancelled', 'failed')
                THEN 'refund_status_is_known'
            WHEN NEW.origin NOT IN ('api', 'provider', 'surplus') THEN 'refund_origin_is_known'
        END;
    ELSE
        broken := CASE
            WHEN (NEW.refund_id, NEW.payment_id, NEW.amount_minor, NEW.currency, NEW.provider, NEW.client_key, NEW.origin, NEW.created_at)
                 IS DISTINCT FROM (OLD.refund_id, OLD.payment_id, OLD.amount_minor, OLD.currency, OLD.provider, OLD.client_key, OLD.origin, OLD.created_at)
                THEN 'refund_is_immutable'
            WHEN NEW.status NOT IN ('pending', 'requires_action', 'succeeded', 'cancelled', 'failed')
                THEN 'refund_status_is_known'
            WHEN payapi.refund_rank(NEW.status) < payapi.refund_rank(OLD.status) THEN 'refund_never_goes_back'
            WHEN OLD.provider_ref <> NEW.provider_ref OR (OLD.provider_ref IS NOT NULL AND NEW.provider_ref IS NULL)
                THEN 'refund_ref_is_written_once'
        END;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'refund %: %', NEW.refund_id, broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
ALTER FUNCTION payapi.refunds_guard() RESET search_path;
COMMENT ON FUNCTION payapi.refunds_guard IS 'form of a refund; it is never rewritten, and what was decided stays decided';
DROP TRIGGER refunds_guard ON payapi.refunds;
CREATE TRIGGER refunds_guard BEFORE INSERT OR UPDATE ON payapi.refunds
    FOR EACH ROW EXECUTE FUNCTION payapi.refunds_guard();
ALTER TABLE payapi.refunds
    DROP CONSTRAINT refund_id_has_form, DROP CONSTRAINT refund_status_is_known, DROP CONSTRAINT refund_origin_is_known;

-- Idempotency keys --------------------------------------------------------------------------------
CREATE FUNCTION payapi.idempotency_keys_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN length(NEW.key) NOT BETWEEN 1 AND 255 OR NEW.key ~ '[^\x21-\x7e]' THEN 'key_has_form'
        WHEN length(NEW.fingerprint) <> 64 OR NEW.fingerprint ~ '[^0-9a-f]' THEN 'fingerprint_is_sha256'
        WHEN NEW.state NOT IN ('running', 'done') THEN 'key_state_is_known'
        WHEN (NEW.state = 'done') <> (NEW.answer_status IS NOT NULL AND NEW.answer_body IS NOT NULL)
            THEN 'done_has_an_answer'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'key %: %', NEW.key, broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.idempotency_keys_guard IS 'form of a key; a done one has its answer';
CREATE TRIGGER idempotency_keys_guard BEFORE INSERT OR UPDATE ON payapi.idempotency_keys
    FOR EACH ROW EXECUTE FUNCTION payapi.idempotency_keys_guard();
ALTER TABLE payapi.idempotency_keys
    DROP CONSTRAINT key_has_form, DROP CONSTRAINT fingerprint_is_sha256, DROP CONSTRAINT key_state_is_known,
    DROP CONSTRAINT done_has_an_answer;

COMMIT;
