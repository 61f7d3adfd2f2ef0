-- Disputes: facts that only grow; the payment's dispute overlay follows from them. An inquiry is
-- not yet a dispute: the bank asks before it takes money, and the charge can still be refunded.
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

-- All statuses of a dispute; no other place lists them.
CREATE FUNCTION payapi.dispute_rank(status text, contradictory boolean)
    RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN contradictory THEN 5
                ELSE array_position(ARRAY['inquiry', 'open', 'closed', 'won', 'lost'], status)
                     - (status = 'lost')::int END;
COMMENT ON FUNCTION payapi.dispute_rank IS
    'of two reports of the same moment, the one with the higher rank counts; won and lost rank '
    'equally; null: not a status of a dispute';

CREATE TABLE payapi.disputes (
    dispute_id       text PRIMARY KEY,
    payment_id       text NOT NULL REFERENCES payapi.payments,
    provider         text NOT NULL,
    provider_ref     text NOT NULL,
    amount_minor     payapi.minor_amount NOT NULL,
    currency         payapi.currency_code NOT NULL,
    status           text NOT NULL,
    contradictory    boolean NOT NULL DEFAULT false,
    told_at_ms       bigint NOT NULL,
    provider_status  text NOT NULL DEFAULT '',
    reason           text NOT NULL DEFAULT '',
    due_at           timestamptz(3),
    withdrawn_minor  payapi.minor_amount NOT NULL DEFAULT 0,
    reinstated_minor payapi.minor_amount NOT NULL DEFAULT 0,
    created_at       timestamptz(3) NOT NULL,
    updated_at       timestamptz(3) NOT NULL,
    amount_assumed   boolean NOT NULL DEFAULT false,
    CONSTRAINT contradiction_reads_open CHECK (NOT contradictory OR status = 'open'),
    CONSTRAINT dispute_amount_is_positive CHECK (amount_minor > 0),
    CONSTRAINT dispute_id_has_form CHECK (dispute_id ~ '^dsp_[0-9A-HJKMNP-TV-Z]{26}$'),
    CONSTRAINT dispute_ref_is_named CHECK (provider_ref <> ''),
    CONSTRAINT dispute_status_is_known
        CHECK (payapi.dispute_rank(status, false) IS NOT NULL),
    CONSTRAINT reinstated_within_withdrawn CHECK (reinstated_minor <= withdrawn_minor),
    CONSTRAINT dispute_ref_once UNIQUE (provider, provider_ref)
);
CREATE INDEX disputes_by_payment ON payapi.disputes (payment_id, dispute_id);

COMMENT ON TABLE  payapi.disputes IS 'payments contested by the payer''s bank';
COMMENT ON COLUMN payapi.disputes.dispute_id IS 'dsp_ and 26 characters: sorts by time';
COMMENT ON COLUMN payapi.disputes.payment_id IS 'the contested payment; immutable';
COMMENT ON COLUMN payapi.disputes.provider IS 'who reports it; immutable';
COMMENT ON COLUMN payapi.disputes.provider_ref IS
    'the provider''s dispute (Stripe dp_...); immutable';
COMMENT ON COLUMN payapi.disputes.amount_minor IS 'the contested amount, ISO 4217 minor units';
COMMENT ON COLUMN payapi.disputes.currency IS 'of all its amounts; immutable';
COMMENT ON COLUMN payapi.disputes.status IS
    'inquiry (no money moves yet), open, closed (ended without verdict and without loss), won, '
    'lost; follows the newest report';
COMMENT ON COLUMN payapi.disputes.contradictory IS
    'won and lost were both reported for the same moment; the status is open until the provider is '
    'asked';
COMMENT ON COLUMN payapi.disputes.told_at_ms IS
    'the time of the newest report on its status, Unix milliseconds; never goes back';
COMMENT ON COLUMN payapi.disputes.provider_status IS
    'the provider''s own name for the status, e.g. needs_response';
COMMENT ON COLUMN payapi.disputes.reason IS 'the provider''s own word, e.g. fraudulent';
COMMENT ON COLUMN payapi.disputes.due_at IS
    'until when the shop may answer it, the latest time reported; null: never reported';
COMMENT ON COLUMN payapi.disputes.withdrawn_minor IS 'fact: taken from the shop; never shrinks';
COMMENT ON COLUMN payapi.disputes.reinstated_minor IS
    'fact: how much of that was given back; never shrinks';
COMMENT ON COLUMN payapi.disputes.created_at IS 'when we learned of it';
COMMENT ON COLUMN payapi.disputes.updated_at IS 'when its facts last changed';
COMMENT ON COLUMN payapi.disputes.amount_assumed IS
    'the provider has reported no amount, so amount_minor is the whole charge until it does';

CREATE FUNCTION payapi.disputes_guard() RETURNS trigger LANGUAGE plpgsql
    SET search_path = payapi, pg_temp AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN (NEW.dispute_id, NEW.payment_id, NEW.provider, NEW.provider_ref, NEW.currency,
              NEW.created_at)
             IS DISTINCT FROM
             (OLD.dispute_id, OLD.payment_id, OLD.provider, OLD.provider_ref, OLD.currency,
              OLD.created_at)
            THEN 'dispute_is_immutable'
        WHEN NEW.told_at_ms < OLD.told_at_ms
             OR (NEW.told_at_ms = OLD.told_at_ms AND NEW.status <> OLD.status
                 AND dispute_rank(NEW.status, NEW.contradictory)
                     <= dispute_rank(OLD.status, OLD.contradictory))
            THEN 'dispute_never_goes_back'
        WHEN NEW.withdrawn_minor < OLD.withdrawn_minor
             OR NEW.reinstated_minor < OLD.reinstated_minor
            THEN 'dispute_money_never_shrinks'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'dispute %: %', OLD.dispute_id, broken
            USING ERRCODE = 'restrict_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.disputes_guard IS
    'trigger: what a dispute is about never changes, and its facts only grow';

CREATE TRIGGER disputes_guard BEFORE UPDATE ON payapi.disputes
    FOR EACH ROW EXECUTE FUNCTION payapi.disputes_guard();
CREATE TRIGGER disputes_stay BEFORE DELETE OR TRUNCATE ON payapi.disputes
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT,
      UPDATE (amount_minor, status, contradictory, told_at_ms, provider_status, reason, due_at,
              withdrawn_minor, reinstated_minor, updated_at, amount_assumed)
    ON payapi.disputes TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.dispute_rank TO payapi_app, payapi_read;

COMMIT;
