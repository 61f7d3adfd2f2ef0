-- The ledger: money movements, append-only. Their sums equal the payments' counters.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.transactions (
    transaction_id text PRIMARY KEY
        CONSTRAINT transaction_id_has_form CHECK (transaction_id ~ '^txn_[0-9A-HJKMNP-TV-Z]{26}$'),
    payment_id     text NOT NULL REFERENCES payapi.payments,
    order_id       text NOT NULL REFERENCES payapi.orders,
    kind           text NOT NULL,
    amount_minor   bigint NOT NULL,
    currency       payapi.currency_code NOT NULL,
    provider       text NOT NULL,
    provider_ref   text NOT NULL,
    occurred_at    timestamptz(3) NOT NULL,
    trace_id       text NOT NULL,
    CONSTRAINT movement_once UNIQUE (provider, provider_ref, kind),
    CONSTRAINT sign_fits_kind CHECK (
        CASE kind WHEN 'charge' THEN amount_minor > 0
                  WHEN 'refund' THEN amount_minor < 0
                  WHEN 'refund_reversal' THEN amount_minor > 0
                  WHEN 'dispute' THEN amount_minor < 0
                  WHEN 'dispute_reversal' THEN amount_minor > 0
                  ELSE false END)
);
CREATE UNIQUE INDEX one_charge_per_payment ON payapi.transactions (payment_id) WHERE kind = 'charge';
CREATE INDEX transactions_by_payment ON payapi.transactions (payment_id);

COMMENT ON TABLE  payapi.transactions IS 'money movements; append-only';
COMMENT ON COLUMN payapi.transactions.transaction_id IS 'txn_ and 26 characters: sorts by time';
COMMENT ON COLUMN payapi.transactions.payment_id IS 'whose money moved';
COMMENT ON COLUMN payapi.transactions.order_id IS 'for which order';
COMMENT ON COLUMN payapi.transactions.kind IS 'charge, refund, refund_reversal, dispute, dispute_reversal';
COMMENT ON COLUMN payapi.transactions.amount_minor IS 'ISO 4217 minor units; positive towards the shop';
COMMENT ON COLUMN payapi.transactions.currency IS 'ISO 4217 code';
COMMENT ON COLUMN payapi.transactions.provider IS 'who moved it';
COMMENT ON COLUMN payapi.transactions.provider_ref IS 'the provider''s object: with kind, the same movement is stored once';
COMMENT ON COLUMN payapi.transactions.occurred_at IS 'when we learned of it';
COMMENT ON COLUMN payapi.transactions.trace_id IS 'of the request that brought it';

CREATE TRIGGER transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.transactions
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT ON payapi.transactions TO payapi_app;

COMMIT;
