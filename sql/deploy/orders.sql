-- What a shop wants to be paid for. Amount, currency and owner never change.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.orders (
    order_id       text PRIMARY KEY
        CONSTRAINT order_id_is_allowed
        CHECK (order_id ~ '^[A-Za-z0-9._-]{1,64}$' AND order_id NOT IN ('.', '..')),
    owner_id       text NOT NULL CONSTRAINT owner_id_has_length CHECK (length(owner_id) BETWEEN 1 AND 255),
    amount_minor   payapi.minor_amount NOT NULL CONSTRAINT order_amount_is_positive CHECK (amount_minor > 0),
    currency       payapi.currency_code NOT NULL,
    status         text NOT NULL DEFAULT 'open'
        CONSTRAINT order_status_is_known CHECK (status IN ('open', 'paid', 'refunded')),
    description    text NOT NULL DEFAULT '',
    customer_email text NOT NULL DEFAULT '',
    metadata       json NOT NULL DEFAULT '{}',
    created_at     timestamptz(3) NOT NULL,
    updated_at     timestamptz(3) NOT NULL,
    -- Payments refer to all three, so that their amount cannot differ from the order's.
    CONSTRAINT order_amount_key UNIQUE (order_id, amount_minor, currency)
);
CREATE INDEX orders_by_owner ON payapi.orders (owner_id, created_at DESC, order_id DESC);
CREATE INDEX orders_by_time ON payapi.orders (created_at DESC, order_id DESC);

COMMENT ON TABLE  payapi.orders IS 'what a shop wants to be paid for';
COMMENT ON COLUMN payapi.orders.order_id IS 'the shop''s own id, or ord_ and 26 characters';
COMMENT ON COLUMN payapi.orders.owner_id IS 'subject of the token that created it; others see nothing';
COMMENT ON COLUMN payapi.orders.amount_minor IS 'amount to pay in ISO 4217 minor units; immutable';
COMMENT ON COLUMN payapi.orders.currency IS 'ISO 4217 code; immutable';
COMMENT ON COLUMN payapi.orders.status IS 'open, paid (money is here), refunded (all of it went back)';
COMMENT ON COLUMN payapi.orders.description IS 'shown to the payer';
COMMENT ON COLUMN payapi.orders.customer_email IS 'personal data: given to the provider, masked elsewhere; empty: unknown';
COMMENT ON COLUMN payapi.orders.metadata IS 'the shop''s own string pairs, kept as sent';
COMMENT ON COLUMN payapi.orders.created_at IS 'when the order was made';
COMMENT ON COLUMN payapi.orders.updated_at IS 'when its status last changed';

CREATE FUNCTION payapi.orders_guard() RETURNS trigger LANGUAGE plpgsql
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
CREATE TRIGGER orders_stay BEFORE DELETE OR TRUNCATE ON payapi.orders
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT, UPDATE (status, updated_at) ON payapi.orders TO payapi_app;

COMMIT;
