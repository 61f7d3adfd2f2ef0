-- One attempt to have an order paid: facts, and the status that follows from them.
-- src/domain/payment.c derives the status; the guard rejects any other.
-- Locks: payapi.orders SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE FUNCTION payapi.payment_status(captured_minor bigint, refunded_minor bigint,
                                      close_reason text, progress text, due_minor bigint,
                                      accepted boolean)
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
COMMENT ON FUNCTION payapi.payment_status IS
    'the status that follows from these facts; payment_derive does the same in C';

CREATE TABLE payapi.payments (
    payment_id        text PRIMARY KEY,
    order_id          text NOT NULL,
    amount_minor      payapi.minor_amount NOT NULL,
    currency          payapi.currency_code NOT NULL,
    provider          text NOT NULL,
    provider_ref      text,
    provider_intent   text,
    checkout_url      text,
    captured_minor    payapi.minor_amount NOT NULL DEFAULT 0,
    refund_held_minor payapi.minor_amount NOT NULL DEFAULT 0,
    refunded_minor    payapi.minor_amount NOT NULL DEFAULT 0,
    close_reason      text NOT NULL DEFAULT 'open',
    progress          text NOT NULL DEFAULT 'none',
    progress_at_s     bigint NOT NULL DEFAULT 0,
    failure_code      text NOT NULL DEFAULT '',
    failure_reason    text NOT NULL DEFAULT '',
    mismatch          boolean NOT NULL DEFAULT false,
    status            text NOT NULL DEFAULT 'pending',
    provider_open     boolean NOT NULL
        GENERATED ALWAYS AS (captured_minor = 0 AND close_reason = 'open') STORED,
    surplus           boolean NOT NULL DEFAULT false,
    needs_review      boolean NOT NULL DEFAULT false,
    review_reason     text NOT NULL DEFAULT '',
    expires_at        timestamptz(3) NOT NULL,
    created_at        timestamptz(3) NOT NULL,
    updated_at        timestamptz(3) NOT NULL,
    completed_at      timestamptz(3),
    dispute           text NOT NULL DEFAULT 'none',
    disputed_minor    payapi.minor_amount NOT NULL DEFAULT 0,
    looked_at         timestamptz,
    authored          boolean NOT NULL DEFAULT false,
    accepted          boolean NOT NULL DEFAULT false,
    review_causes     integer NOT NULL DEFAULT 0,
    not_begun         boolean NOT NULL DEFAULT false,
    CONSTRAINT refunds_within_captured
        CHECK (refunded_minor <= refund_held_minor AND refund_held_minor <= captured_minor),
    CONSTRAINT payment_amount_is_the_orders FOREIGN KEY (order_id, amount_minor, currency)
        REFERENCES payapi.orders (order_id, amount_minor, currency)
);
-- Depends on whether a payment can take money, not on a list of statuses: after a soft failure the
-- payment still holds the order, and money recorded as surplus never violates the index. All live
-- payments of an order have the same second column; each of the others has its own. So this is the
-- index of an order's payments, too.
CREATE UNIQUE INDEX one_live_payment ON payapi.payments
    (order_id, (CASE WHEN (provider_open OR captured_minor > 0) AND NOT surplus THEN ''
                     ELSE payment_id END));
COMMENT ON INDEX payapi.one_live_payment IS
    'an order has at most one payment that can take its money or has it; finds an order''s payments';
CREATE INDEX payments_by_status ON payapi.payments (status, payment_id)
    WHERE status NOT IN ('completed');
COMMENT ON INDEX payapi.payments_by_status IS
    'payments of a status that is rare among millions; completed ones are everywhere';
CREATE INDEX payments_open_by_expiry ON payapi.payments (expires_at) WHERE provider_open;
COMMENT ON INDEX payapi.payments_open_by_expiry IS
    'open payments by the expiry of their page: finds overdue ones quickly';
-- Late money takes over the order from a page that nobody has paid on; that page is closed at once.
CREATE INDEX payments_to_close ON payapi.payments (payment_id) WHERE provider_open AND surplus;
COMMENT ON INDEX payapi.payments_to_close IS
    'open pages whose order another payment has paid meanwhile';
CREATE INDEX payments_under_review ON payapi.payments (payment_id) WHERE needs_review;
COMMENT ON INDEX payapi.payments_under_review IS 'payments that wait for a human, newest first';
-- Partial, so that PostgreSQL does not treat these columns as a key. Otherwise an UPDATE that sets
-- them would lock the row against foreign-key checks from other tables, and would deadlock with a
-- webhook that has written its inbox row and waits for the order.
CREATE UNIQUE INDEX provider_intent_once ON payapi.payments (provider, provider_intent)
    WHERE provider_intent IS NOT NULL;
CREATE UNIQUE INDEX provider_ref_once ON payapi.payments (provider, provider_ref)
    WHERE provider_ref IS NOT NULL;
COMMENT ON INDEX payapi.provider_intent_once IS
    'a provider''s payment is one of ours at most; finds the payment that an event names';
COMMENT ON INDEX payapi.provider_ref_once IS
    'a provider''s page is one payment''s at most; finds the payment that an event names';

COMMENT ON TABLE  payapi.payments IS 'one attempt to have an order paid: facts and derived status';
COMMENT ON COLUMN payapi.payments.payment_id IS 'pay_ and 26 characters: sorts by time';
COMMENT ON COLUMN payapi.payments.order_id IS
    'the order to be paid; changes only when a human attaches money that pays for nothing';
COMMENT ON COLUMN payapi.payments.amount_minor IS 'the order''s amount, ISO 4217 minor units';
COMMENT ON COLUMN payapi.payments.currency IS 'the order''s currency; immutable';
COMMENT ON COLUMN payapi.payments.provider IS 'who takes the money; immutable';
COMMENT ON COLUMN payapi.payments.provider_ref IS
    'the provider''s hosted page (Stripe cs_...); written once';
COMMENT ON COLUMN payapi.payments.provider_intent IS
    'the provider''s payment (Stripe pi_...); written once';
COMMENT ON COLUMN payapi.payments.checkout_url IS
    'where the payer pays; null when unknown or used up';
COMMENT ON COLUMN payapi.payments.captured_minor IS 'fact: what the provider took; never shrinks';
COMMENT ON COLUMN payapi.payments.refund_held_minor IS
    'fact: succeeded and pending refunds together';
COMMENT ON COLUMN payapi.payments.refunded_minor IS 'fact: succeeded refunds';
COMMENT ON COLUMN payapi.payments.close_reason IS
    'fact: open, or why no money can arrive; only moves failed, expired, cancelled';
COMMENT ON COLUMN payapi.payments.progress IS
    'fact: the provider''s newest report on the unpaid payment';
COMMENT ON COLUMN payapi.payments.progress_at_s IS
    'when the provider made that report, its clock, Unix seconds';
COMMENT ON COLUMN payapi.payments.failure_code IS
    'the provider''s code for the last failed attempt; empty: none';
COMMENT ON COLUMN payapi.payments.failure_reason IS 'the same in words for the payer; empty: none';
COMMENT ON COLUMN payapi.payments.mismatch IS
    'fact: the provider reported a different amount, currency or mode; sticky';
COMMENT ON COLUMN payapi.payments.status IS
    'derived from the facts (constraint status_follows_from_facts)';
COMMENT ON COLUMN payapi.payments.provider_open IS
    'derived: the provider''s object can still take money';
COMMENT ON COLUMN payapi.payments.surplus IS
    'its money pays for nothing: the order was already paid, or the money was written off; sticky '
    'while the payment belongs to that order';
COMMENT ON COLUMN payapi.payments.needs_review IS 'a human must look at it';
COMMENT ON COLUMN payapi.payments.review_reason IS
    'why a human must look at it; kept after the review';
COMMENT ON COLUMN payapi.payments.expires_at IS
    'when the hosted page expires at the provider; frozen with the request';
COMMENT ON COLUMN payapi.payments.created_at IS 'when the intent was recorded';
COMMENT ON COLUMN payapi.payments.updated_at IS 'when its facts last changed';
COMMENT ON COLUMN payapi.payments.completed_at IS 'when we first learned that money was captured';
COMMENT ON COLUMN payapi.payments.dispute IS
    'overlay of its disputes: open if any is, else lost, else won, else none';
COMMENT ON COLUMN payapi.payments.disputed_minor IS
    'what its disputes have taken and not given back';
COMMENT ON COLUMN payapi.payments.looked_at IS
    'when payapi-jobs last asked the provider because no event came; null: never';
COMMENT ON COLUMN payapi.payments.authored IS
    'its page carries our proof of authorship; metadata without the proof is not from this payment';
COMMENT ON COLUMN payapi.payments.accepted IS
    'fact: a human accepted the money received as the whole amount; sticky while the payment '
    'belongs to that order';
COMMENT ON COLUMN payapi.payments.review_causes IS
    'every cause that a human was ever asked about: bit n is cause n of review.h; sticky';
COMMENT ON COLUMN payapi.payments.not_begun IS
    'the provider rejected the caller''s request, and the caller never learned of the payment: '
    'only the audit shows it, unless money arrives';

-- The table's guard replaces CHECKs and reports violations under the names they would have.
-- PostgreSQL parses the text of each CHECK again for every statement that writes to the table
-- (ExecRelCheck): that was a third of the cost of a webhook. The expressions of a guard stay
-- prepared. Tables that every payment writes to therefore have guards; CHECKs remain for amounts
-- of money and on tables with few writes. A guard uses only PostgreSQL's own operators and
-- schema-qualified functions, and the roles that fire it can create neither, so it needs no search
-- path of its own. Facts only grow; together with status_follows_from_facts that is the whole
-- table of transitions.
CREATE FUNCTION payapi.payments_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closes CONSTANT pg_catalog.text[] := ARRAY['open', 'failed', 'expired', 'cancelled'];
    moved CONSTANT pg_catalog.bool := TG_OP = 'UPDATE'
        AND (NEW.order_id, NEW.amount_minor) IS DISTINCT FROM (OLD.order_id, OLD.amount_minor);
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN array_position(closes, NEW.close_reason) IS NULL THEN 'close_reason_is_known'
        WHEN NEW.progress NOT IN ('none', 'opened', 'requires_action', 'processing', 'failed')
            THEN 'progress_is_known'
        WHEN NEW.dispute NOT IN ('none', 'open', 'won', 'lost') THEN 'dispute_overlay_is_known'
        WHEN (NEW.completed_at IS NOT NULL) <> (NEW.captured_minor > 0)
            THEN 'completed_when_captured'
        WHEN NEW.mismatch AND NEW.review_reason = '' THEN 'mismatch_has_a_reason'
        WHEN NEW.captured_minor > NEW.amount_minor AND NOT NEW.mismatch
            THEN 'captured_within_amount'
        WHEN NEW.status <> payapi.payment_status(
                 NEW.captured_minor, NEW.refunded_minor, NEW.close_reason, NEW.progress,
                 NEW.amount_minor, NEW.accepted)
            THEN 'status_follows_from_facts'
        WHEN TG_OP = 'INSERT' AND NOT payapi.id_has_form(NEW.payment_id, 'pay_')
            THEN 'payment_id_has_form'
        WHEN TG_OP = 'INSERT' AND NOT payapi.provider_is_known(NEW.provider)
            THEN 'payment_provider_is_known'
    END;
    IF TG_OP = 'UPDATE' AND broken IS NULL THEN
        broken := CASE
            WHEN (NEW.payment_id, NEW.currency, NEW.provider, NEW.expires_at, NEW.created_at)
                 IS DISTINCT FROM (OLD.payment_id, OLD.currency, OLD.provider, OLD.expires_at,
                                   OLD.created_at)
                THEN 'payment_is_immutable'
            WHEN moved AND (NEW.order_id = OLD.order_id OR OLD.captured_minor = 0
                            OR NOT (OLD.surplus OR OLD.status = 'processing'))
                THEN 'payment_is_immutable'
            WHEN moved AND (OLD.refund_held_minor > 0 OR OLD.disputed_minor > 0)
                THEN 'attached_money_is_whole'
            WHEN NEW.captured_minor < OLD.captured_minor THEN 'captured_never_shrinks'
            WHEN array_position(closes, NEW.close_reason) < array_position(closes, OLD.close_reason)
                THEN 'closed_stays_closed'
            WHEN OLD.surplus AND NOT NEW.surplus AND NOT moved THEN 'surplus_is_sticky'
            WHEN OLD.mismatch AND NOT NEW.mismatch THEN 'mismatch_is_sticky'
            WHEN OLD.accepted AND NOT NEW.accepted AND NOT moved THEN 'acceptance_is_sticky'
            WHEN OLD.review_causes & NEW.review_causes <> OLD.review_causes
                THEN 'review_causes_are_sticky'
            WHEN OLD.provider_ref <> NEW.provider_ref
                 OR (OLD.provider_ref IS NOT NULL AND NEW.provider_ref IS NULL)
                THEN 'provider_ref_is_written_once'
            WHEN OLD.provider_intent <> NEW.provider_intent
                 OR (OLD.provider_intent IS NOT NULL AND NEW.provider_intent IS NULL)
                THEN 'provider_intent_is_written_once'
            WHEN OLD.completed_at <> NEW.completed_at THEN 'completed_once'
        END;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'payment %: %', NEW.payment_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.payments_guard IS
    'trigger: checks the values of a payment; facts only grow, the status follows from them, '
    'references are written once';

-- A human can attach money that pays for nothing (surplus, or less than is due) to another order.
-- Its payment moves there; two ledger rows that cancel each other out move its charge. The
-- application itself may update neither order_id nor amount_minor.
CREATE FUNCTION payapi.attach_payment(attached text, to_order text, due_minor bigint,
                                      differs boolean, new_status text, asks boolean, why text,
                                      causes integer, at timestamptz)
    RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
    WITH moved AS (
        UPDATE payments
           SET order_id = to_order, amount_minor = due_minor, surplus = false, accepted = false,
               mismatch = differs, status = new_status, needs_review = asks, review_reason = why,
               review_causes = causes, updated_at = at
         WHERE payment_id = attached
        RETURNING 1)
    SELECT count(*) FROM moved
$$;
COMMENT ON FUNCTION payapi.attach_payment IS
    'moves a payment to another order, with the status and the review that follow; returns how '
    'many were moved';

-- Does not fire when only columns change that have nothing to do with money.
CREATE TRIGGER payments_guard BEFORE INSERT OR UPDATE OF
        payment_id, order_id, amount_minor, currency, provider, provider_ref, provider_intent,
        captured_minor, refunded_minor, close_reason, progress, mismatch, accepted, review_reason,
        review_causes, status, dispute, surplus, expires_at, created_at, completed_at
    ON payapi.payments FOR EACH ROW EXECUTE FUNCTION payapi.payments_guard();
CREATE TRIGGER payments_stay BEFORE DELETE OR TRUNCATE ON payapi.payments
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT (payment_id, order_id, amount_minor, currency, provider, close_reason, status,
              expires_at, created_at, updated_at, authored),
      UPDATE (provider_ref, provider_intent, checkout_url, captured_minor, close_reason, progress,
              progress_at_s, failure_code, failure_reason, mismatch, status, surplus,
              needs_review, review_reason, updated_at, completed_at, dispute, disputed_minor,
              looked_at, accepted, review_causes, not_begun)
    ON payapi.payments TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.payment_status TO payapi_app, payapi_read;
GRANT EXECUTE ON FUNCTION payapi.attach_payment TO payapi_app;

COMMIT;
