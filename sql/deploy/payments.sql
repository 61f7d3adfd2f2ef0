-- One attempt to have an order paid: facts, and the status that follows from them.
-- The derivation stands in C (src/domain/payment.c); the CHECK here refuses every other status.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.payments (
    payment_id        text PRIMARY KEY
        CONSTRAINT payment_id_has_form CHECK (payment_id ~ '^pay_[0-9A-HJKMNP-TV-Z]{26}$'),
    order_id          text NOT NULL,
    amount_minor      payapi.minor_amount NOT NULL,
    currency          payapi.currency_code NOT NULL,
    provider          text NOT NULL CONSTRAINT payment_provider_is_known CHECK (provider IN ('stripe', 'paystack')),
    provider_ref      text,
    provider_intent   text,
    checkout_url      text,
    captured_minor    payapi.minor_amount NOT NULL DEFAULT 0,
    refund_held_minor payapi.minor_amount NOT NULL DEFAULT 0,
    refunded_minor    payapi.minor_amount NOT NULL DEFAULT 0,
    close_reason      text NOT NULL DEFAULT 'open'
        CONSTRAINT close_reason_is_known CHECK (close_reason IN ('open', 'failed', 'expired', 'cancelled')),
    progress          text NOT NULL DEFAULT 'none'
        CONSTRAINT progress_is_known CHECK (progress IN ('none', 'opened', 'requires_action', 'processing', 'failed')),
    progress_at_s     bigint NOT NULL DEFAULT 0,
    failure_code      text NOT NULL DEFAULT '',
    failure_reason    text NOT NULL DEFAULT '',
    mismatch          boolean NOT NULL DEFAULT false,
    status            text NOT NULL DEFAULT 'pending',
    provider_open     boolean NOT NULL GENERATED ALWAYS AS (captured_minor = 0 AND close_reason = 'open') STORED,
    surplus           boolean NOT NULL DEFAULT false,
    needs_review      boolean NOT NULL DEFAULT false,
    review_reason     text NOT NULL DEFAULT '',
    expires_at        timestamptz(3) NOT NULL,
    created_at        timestamptz(3) NOT NULL,
    updated_at        timestamptz(3) NOT NULL,
    completed_at      timestamptz(3),
    chain_seq         bigint NOT NULL DEFAULT 0,
    chain_head        bytea NOT NULL DEFAULT sha256(''::bytea),

    CONSTRAINT payment_amount_is_the_orders FOREIGN KEY (order_id, amount_minor, currency)
        REFERENCES payapi.orders (order_id, amount_minor, currency),
    CONSTRAINT refunds_within_captured CHECK (refunded_minor <= refund_held_minor AND refund_held_minor <= captured_minor),
    CONSTRAINT captured_within_amount CHECK (captured_minor <= amount_minor),
    CONSTRAINT completed_when_captured CHECK ((completed_at IS NOT NULL) = (captured_minor > 0)),
    CONSTRAINT mismatch_has_a_reason CHECK (NOT mismatch OR review_reason <> ''),
    CONSTRAINT status_follows_from_facts CHECK (status =
        CASE WHEN captured_minor > 0 THEN
                 CASE WHEN refunded_minor = 0 THEN 'completed'
                      WHEN refunded_minor < captured_minor THEN 'partially_refunded'
                      ELSE 'refunded' END
             WHEN close_reason <> 'open' THEN close_reason
             WHEN progress = 'none' THEN 'pending'
             WHEN progress = 'opened' THEN 'processing'
             ELSE progress END)
);
-- On the ability to take money, not on a list of statuses: a soft failure still holds the order, and
-- recording the truth (surplus) can never violate it.
CREATE UNIQUE INDEX one_live_payment ON payapi.payments (order_id)
    WHERE (provider_open OR captured_minor > 0) AND NOT surplus;
-- Partial, so that PostgreSQL does not count these columns as a key: an UPDATE that sets them would else
-- lock the row against the foreign keys of other tables, and a webhook that waits for the order
-- with its inbox row written would stand in a deadlock with it.
CREATE UNIQUE INDEX provider_ref_once ON payapi.payments (provider, provider_ref) WHERE provider_ref IS NOT NULL;
CREATE UNIQUE INDEX provider_intent_once ON payapi.payments (provider, provider_intent) WHERE provider_intent IS NOT NULL;
CREATE INDEX payments_by_order ON payapi.payments (order_id, payment_id DESC);

COMMENT ON TABLE  payapi.payments IS 'one attempt to have an order paid: facts and derived status';
COMMENT ON COLUMN payapi.payments.payment_id IS 'pay_ and 26 characters: sorts by time';
COMMENT ON COLUMN payapi.payments.order_id IS 'the order to be paid';
COMMENT ON COLUMN payapi.payments.amount_minor IS 'the order''s amount, ISO 4217 minor units; immutable';
COMMENT ON COLUMN payapi.payments.currency IS 'the order''s currency; immutable';
COMMENT ON COLUMN payapi.payments.provider IS 'who takes the money; immutable';
COMMENT ON COLUMN payapi.payments.provider_ref IS 'the provider''s hosted page (Stripe cs_...); written once';
COMMENT ON COLUMN payapi.payments.provider_intent IS 'the provider''s payment (Stripe pi_...); written once';
COMMENT ON COLUMN payapi.payments.checkout_url IS 'where the payer pays; null when unknown or used up';
COMMENT ON COLUMN payapi.payments.captured_minor IS 'fact: what the provider took; never shrinks';
COMMENT ON COLUMN payapi.payments.refund_held_minor IS 'fact: succeeded and pending refunds together';
COMMENT ON COLUMN payapi.payments.refunded_minor IS 'fact: succeeded refunds';
COMMENT ON COLUMN payapi.payments.close_reason IS 'fact: open, or why no money can arrive; only moves failed, expired, cancelled';
COMMENT ON COLUMN payapi.payments.progress IS 'fact: newest word of the provider on the unpaid payment';
COMMENT ON COLUMN payapi.payments.progress_at_s IS 'provider''s time of that word, Unix seconds';
COMMENT ON COLUMN payapi.payments.failure_code IS 'provider''s code of the last failed attempt; empty: none';
COMMENT ON COLUMN payapi.payments.failure_reason IS 'the same for the payer''s eyes; empty: none';
COMMENT ON COLUMN payapi.payments.mismatch IS 'fact: the provider named another amount, currency or mode; sticky';
COMMENT ON COLUMN payapi.payments.status IS 'derived from the facts (constraint status_follows_from_facts)';
COMMENT ON COLUMN payapi.payments.provider_open IS 'derived: the provider''s object can still take money';
COMMENT ON COLUMN payapi.payments.surplus IS 'money arrived although the order was paid otherwise; sticky';
COMMENT ON COLUMN payapi.payments.needs_review IS 'a human must look at it';
COMMENT ON COLUMN payapi.payments.review_reason IS 'why; kept after the review';
COMMENT ON COLUMN payapi.payments.expires_at IS 'when the hosted page dies at the provider; frozen with the request';
COMMENT ON COLUMN payapi.payments.created_at IS 'when the intent was noted';
COMMENT ON COLUMN payapi.payments.updated_at IS 'when facts last changed';
COMMENT ON COLUMN payapi.payments.completed_at IS 'when we first knew that money was captured';
COMMENT ON COLUMN payapi.payments.chain_seq IS 'number of audit rows in this payment''s hash chain';
COMMENT ON COLUMN payapi.payments.chain_head IS 'hash of the newest of them';

-- Facts only ever grow; with status_follows_from_facts that is the whole transition table.
CREATE FUNCTION payapi.payments_guard() RETURNS trigger LANGUAGE plpgsql
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
CREATE TRIGGER payments_stay BEFORE DELETE OR TRUNCATE ON payapi.payments
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT (payment_id, order_id, amount_minor, currency, provider, expires_at, created_at, updated_at),
      UPDATE (provider_ref, provider_intent, checkout_url, captured_minor, refund_held_minor, refunded_minor,
              close_reason, progress, progress_at_s, failure_code, failure_reason, mismatch, status, surplus,
              needs_review, review_reason, updated_at, completed_at)
    ON payapi.payments TO payapi_app;

COMMIT;
