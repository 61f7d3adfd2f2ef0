-- The ledger: money movements, append-only. Their sums equal the payments' counters.
-- Locks: payapi.orders SHARE ROW EXCLUSIVE
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.transactions (
    transaction_id text PRIMARY KEY,
    payment_id     text NOT NULL REFERENCES payapi.payments,
    order_id       text NOT NULL REFERENCES payapi.orders,
    kind           text NOT NULL,
    amount_minor   bigint NOT NULL,
    currency       payapi.currency_code NOT NULL,
    provider       text NOT NULL,
    provider_ref   text NOT NULL,
    occurred_at    timestamptz(3) NOT NULL,
    trace_id       text NOT NULL,
    recorded_at    timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT movement_once UNIQUE (provider, provider_ref, kind)
);
-- A later charge of the same payment has the payment's new sum in its reference
-- (settle_payment.c), so it counts only once.
CREATE UNIQUE INDEX one_charge_per_payment ON payapi.transactions (payment_id)
    WHERE kind = 'charge' AND strpos(provider_ref, ':') = 0;
COMMENT ON INDEX payapi.one_charge_per_payment IS
    'the first charge of a payment; a later one has the payment''s new sum in its reference';
-- transaction_id sorts by time, so the primary key serves the list without a filter.
CREATE INDEX transactions_by_currency ON payapi.transactions (currency, transaction_id);
CREATE INDEX transactions_by_kind ON payapi.transactions (kind, transaction_id)
    WHERE kind NOT IN ('charge');
COMMENT ON INDEX payapi.transactions_by_kind IS
    'GET /transactions?type= of what is rare; charges are everywhere in the ledger';
CREATE INDEX transactions_by_order ON payapi.transactions (order_id, transaction_id);
CREATE INDEX transactions_by_payment ON payapi.transactions (payment_id, transaction_id);
-- Rows arrive in this order, so the smallest kind of index is enough.
CREATE INDEX transactions_by_recording ON payapi.transactions USING brin (recorded_at);
COMMENT ON INDEX payapi.transactions_by_recording IS
    'for lists of what was recorded in a span of time (recordedFrom, recordedTo)';

COMMENT ON TABLE  payapi.transactions IS 'money movements; append-only';
COMMENT ON COLUMN payapi.transactions.transaction_id IS 'txn_ and 26 characters: sorts by time';
COMMENT ON COLUMN payapi.transactions.payment_id IS 'the payment whose money moved';
COMMENT ON COLUMN payapi.transactions.order_id IS 'the order that it moved for';
COMMENT ON COLUMN payapi.transactions.kind IS
    'charge, refund, refund_reversal, dispute, dispute_reversal, reassignment (from one order '
    'to another)';
COMMENT ON COLUMN payapi.transactions.amount_minor IS
    'ISO 4217 minor units; positive towards the shop';
COMMENT ON COLUMN payapi.transactions.currency IS 'ISO 4217 code';
COMMENT ON COLUMN payapi.transactions.provider IS 'who moved it';
COMMENT ON COLUMN payapi.transactions.provider_ref IS
    'the provider''s object; unique with provider and kind, so that a movement is stored once';
COMMENT ON COLUMN payapi.transactions.occurred_at IS
    'when the money moved, according to the provider; the id sorts by it';
COMMENT ON COLUMN payapi.transactions.trace_id IS 'of the request that recorded it';
COMMENT ON COLUMN payapi.transactions.recorded_at IS
    'when we learned of it; never before occurred_at';

CREATE FUNCTION payapi.transactions_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
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
COMMENT ON FUNCTION payapi.transactions_guard IS
    'trigger: checks the values of a movement; money out is negative, money in is positive';

CREATE TRIGGER transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.transactions
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER transactions_guard BEFORE INSERT ON payapi.transactions
    FOR EACH ROW EXECUTE FUNCTION payapi.transactions_guard();

GRANT INSERT ON payapi.transactions TO payapi_app;

COMMIT;
