-- Rows of the ledger that the provider has too. They are kept beside the ledger, which is
-- append-only, because providers report fees seconds or days after the money.
-- Locks: payapi.reconciliations SHARE ROW EXCLUSIVE
-- Locks: payapi.transactions SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.ledger_confirmations (
    transaction_id    text PRIMARY KEY REFERENCES payapi.transactions,
    reconciliation_id text NOT NULL REFERENCES payapi.reconciliations,
    told_ref          text NOT NULL,
    told_at           timestamptz(3),
    fee_minor         bigint,
    net_minor         bigint,
    settled_currency  payapi.currency_code,
    confirmed_at      timestamptz(3) NOT NULL
);

COMMENT ON TABLE  payapi.ledger_confirmations IS
    'ledger rows that the provider has too, and what the provider kept of each';
COMMENT ON COLUMN payapi.ledger_confirmations.transaction_id IS 'the row of the ledger';
COMMENT ON COLUMN payapi.ledger_confirmations.reconciliation_id IS
    'the comparison that first found it there';
COMMENT ON COLUMN payapi.ledger_confirmations.told_ref IS
    'the provider''s object that matches (Stripe ch_..., re_..., dp_...)';
COMMENT ON COLUMN payapi.ledger_confirmations.told_at IS
    'when the money moved, according to the provider; null: we asked for the object by name, and '
    'the answer gave no time';
COMMENT ON COLUMN payapi.ledger_confirmations.fee_minor IS
    'what the provider kept, in settled_currency; null: not reported';
COMMENT ON COLUMN payapi.ledger_confirmations.net_minor IS
    'what reached the shop''s balance, negative if it left; null: not reported';
COMMENT ON COLUMN payapi.ledger_confirmations.settled_currency IS
    'of fee and net; null: neither was reported';
COMMENT ON COLUMN payapi.ledger_confirmations.confirmed_at IS 'when it was first found there';

CREATE FUNCTION payapi.ledger_confirmations_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN (NEW.fee_minor IS NULL AND NEW.net_minor IS NULL) <> (NEW.settled_currency IS NULL)
            THEN 'fees_have_a_currency'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.transaction_id, NEW.reconciliation_id, NEW.told_ref, NEW.confirmed_at)
             IS DISTINCT FROM (OLD.transaction_id, OLD.reconciliation_id, OLD.told_ref,
                               OLD.confirmed_at)
            THEN 'confirmation_is_immutable'
        WHEN NEW.fee_minor IS DISTINCT FROM OLD.fee_minor AND OLD.fee_minor IS NOT NULL
          OR NEW.net_minor IS DISTINCT FROM OLD.net_minor AND OLD.net_minor IS NOT NULL
            THEN 'fees_are_written_once'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'confirmation of %: %', NEW.transaction_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.ledger_confirmations_guard IS
    'trigger: checks that fee and net have a currency and are written once';

CREATE TRIGGER ledger_confirmations_are_kept
    BEFORE DELETE OR TRUNCATE ON payapi.ledger_confirmations
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER ledger_confirmations_guard BEFORE INSERT OR UPDATE ON payapi.ledger_confirmations
    FOR EACH ROW EXECUTE FUNCTION payapi.ledger_confirmations_guard();

GRANT INSERT,
      UPDATE (told_at, fee_minor, net_minor, settled_currency)
    ON payapi.ledger_confirmations TO payapi_app;

COMMIT;
