-- Money going back. A trigger updates the payment's counters on the locked payment row.
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.refunds (
    refund_id      text PRIMARY KEY,
    payment_id     text NOT NULL REFERENCES payapi.payments,
    amount_minor   payapi.minor_amount NOT NULL,
    currency       payapi.currency_code NOT NULL,
    status         text NOT NULL DEFAULT 'pending',
    provider       text NOT NULL,
    provider_ref   text,
    client_key     text,
    reason         text NOT NULL DEFAULT '',
    failure_reason text NOT NULL DEFAULT '',
    origin         text NOT NULL DEFAULT 'api',
    created_at     timestamptz(3) NOT NULL,
    updated_at     timestamptz(3) NOT NULL,
    CONSTRAINT refund_amount_is_positive CHECK (amount_minor > 0),
    -- Holds for ever, even after the idempotency key has been purged.
    CONSTRAINT refund_key_once UNIQUE (payment_id, client_key)
);
COMMENT ON INDEX payapi.refund_key_once IS
    'a key asks for one refund of a payment; finds a payment''s refunds';
-- Partial, like provider_ref_once of payments.
CREATE UNIQUE INDEX refund_ref_once ON payapi.refunds (provider, provider_ref)
    WHERE provider_ref IS NOT NULL;
COMMENT ON INDEX payapi.refund_ref_once IS
    'a provider''s refund is one of ours at most; finds it in the books';
CREATE INDEX refunds_under_way ON payapi.refunds (payment_id)
    WHERE (status IN ('pending', 'requires_action'));
COMMENT ON INDEX payapi.refunds_under_way IS
    'refunds whose outcome the provider has not reported yet';

COMMENT ON TABLE  payapi.refunds IS 'money going back to payers';
COMMENT ON COLUMN payapi.refunds.refund_id IS
    'ref_, the time from its payment''s id, and 16 characters derived from payment and key';
COMMENT ON COLUMN payapi.refunds.payment_id IS 'the payment whose money goes back; immutable';
COMMENT ON COLUMN payapi.refunds.amount_minor IS 'ISO 4217 minor units; immutable';
COMMENT ON COLUMN payapi.refunds.currency IS 'the payment''s currency; immutable';
COMMENT ON COLUMN payapi.refunds.status IS
    'pending, requires_action, succeeded, cancelled, failed; only moves in this order';
COMMENT ON COLUMN payapi.refunds.provider IS 'who sends it back';
COMMENT ON COLUMN payapi.refunds.provider_ref IS
    'the provider''s refund (Stripe re_...); written once';
COMMENT ON COLUMN payapi.refunds.client_key IS
    'the Idempotency-Key of the request; bound to the payment for ever';
COMMENT ON COLUMN payapi.refunds.reason IS 'duplicate, fraudulent, requested_by_customer, or empty';
COMMENT ON COLUMN payapi.refunds.failure_reason IS
    'the provider''s reason for a failed refund; empty: none';
COMMENT ON COLUMN payapi.refunds.origin IS
    'api: requested here; provider: found there (dashboard); surplus: automatic; elsewhere: paid '
    'back by other means, as a human reported';
COMMENT ON COLUMN payapi.refunds.created_at IS
    'when the intent was recorded, or the refund was found';
COMMENT ON COLUMN payapi.refunds.updated_at IS 'when its status last changed';

-- All statuses of a refund; no other place lists them.
CREATE FUNCTION payapi.refund_rank(status text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_position(ARRAY['pending', 'requires_action', 'succeeded', 'cancelled', 'failed'],
                          status);
COMMENT ON FUNCTION payapi.refund_rank IS
    'of two reports on a refund, the one with the higher rank counts; null: not a status of a '
    'refund';

CREATE FUNCTION payapi.refund_holds(status text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN payapi.refund_rank(status) <= payapi.refund_rank('succeeded');
COMMENT ON FUNCTION payapi.refund_holds IS 'whether the money went back or still may';

-- We may conclude that a refund failed and learn later that it was made after all. Then the
-- provider's report counts, and it supplies the missing reference.
CREATE FUNCTION payapi.refunds_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN TG_OP = 'UPDATE'
             AND (NEW.refund_id, NEW.payment_id, NEW.amount_minor, NEW.currency, NEW.provider,
                  NEW.client_key, NEW.origin, NEW.created_at)
                 IS DISTINCT FROM
                 (OLD.refund_id, OLD.payment_id, OLD.amount_minor, OLD.currency, OLD.provider,
                  OLD.client_key, OLD.origin, OLD.created_at)
            THEN 'refund_is_immutable'
        WHEN TG_OP = 'INSERT' AND NOT payapi.id_has_form(NEW.refund_id, 'ref_')
            THEN 'refund_id_has_form'
        WHEN payapi.refund_rank(NEW.status) IS NULL THEN 'refund_status_is_known'
        WHEN NEW.origin NOT IN ('api', 'provider', 'surplus', 'elsewhere')
            THEN 'refund_origin_is_known'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN payapi.refund_rank(NEW.status) < payapi.refund_rank(OLD.status)
             AND NOT (OLD.status = 'failed' AND OLD.provider_ref IS NULL
                      AND NEW.provider_ref IS NOT NULL)
            THEN 'refund_never_goes_back'
        WHEN OLD.provider_ref <> NEW.provider_ref
             OR (OLD.provider_ref IS NOT NULL AND NEW.provider_ref IS NULL)
            THEN 'refund_ref_is_written_once'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'refund %: %', NEW.refund_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.refunds_guard IS
    'trigger: checks the values of a refund; it is never rewritten, and a decision stays';

-- The counters change together with the refund's row, in the one update of the payment that the
-- transaction of a refund makes; refunds_within_captured rejects a refund
-- beyond what was captured. The guard of payments fires inside, so this function has a search path.
CREATE FUNCTION payapi.refunds_count() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
DECLARE
    held bigint := NEW.amount_minor * payapi.refund_holds(NEW.status)::int;
    done bigint := NEW.amount_minor * (NEW.status = 'succeeded')::int;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        held := held - OLD.amount_minor * payapi.refund_holds(OLD.status)::int;
        done := done - OLD.amount_minor * (OLD.status = 'succeeded')::int;
    END IF;
    IF held <> 0 OR done <> 0 THEN
        UPDATE payments
           SET refund_held_minor = refund_held_minor + held,
               refunded_minor = refunded_minor + done,
               status = payment_status(captured_minor, refunded_minor + done, close_reason,
                                       progress, amount_minor, accepted),
               updated_at = CASE WHEN done <> 0 THEN NEW.updated_at ELSE updated_at END
         WHERE payment_id = NEW.payment_id;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION payapi.refunds_count IS
    'trigger: updates the payment''s refund counters, its status, and the time of that';

CREATE TRIGGER refunds_count AFTER INSERT OR UPDATE OF status ON payapi.refunds
    FOR EACH ROW EXECUTE FUNCTION payapi.refunds_count();
CREATE TRIGGER refunds_guard BEFORE INSERT OR UPDATE ON payapi.refunds
    FOR EACH ROW EXECUTE FUNCTION payapi.refunds_guard();
CREATE TRIGGER refunds_stay BEFORE DELETE OR TRUNCATE ON payapi.refunds
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT,
      UPDATE (status, provider_ref, failure_reason, updated_at)
    ON payapi.refunds TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.refund_rank TO payapi_app, payapi_read;

COMMIT;
