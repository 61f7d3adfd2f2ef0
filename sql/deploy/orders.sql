-- What a shop wants to be paid for. Amount and currency never change. The owner changes only when
-- a human assigns one to an adopted order, which was recovered without an owner.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.orders (
    order_id       text PRIMARY KEY,
    owner_id       text NOT NULL,
    amount_minor   payapi.minor_amount NOT NULL,
    currency       payapi.currency_code NOT NULL,
    status         text NOT NULL DEFAULT 'open',
    description    text NOT NULL DEFAULT '',
    customer_email text NOT NULL DEFAULT '',
    metadata       json NOT NULL DEFAULT '{}',
    created_at     timestamptz(3) NOT NULL,
    updated_at     timestamptz(3) NOT NULL,
    CONSTRAINT order_amount_is_positive CHECK (amount_minor > 0),
    -- Payments refer to all three, so that their amount cannot differ from the order's.
    CONSTRAINT order_amount_key UNIQUE (order_id, amount_minor, currency)
);
CREATE INDEX orders_by_owner ON payapi.orders (owner_id, created_at DESC, order_id DESC);
CREATE INDEX orders_by_time ON payapi.orders (created_at DESC, order_id DESC);

COMMENT ON TABLE  payapi.orders IS 'what a shop wants to be paid for';
COMMENT ON COLUMN payapi.orders.order_id IS 'the shop''s own id, or ord_ and 26 characters';
COMMENT ON COLUMN payapi.orders.owner_id IS
    'subject of the token that created the order; other users cannot see it';
COMMENT ON COLUMN payapi.orders.amount_minor IS 'amount to pay in ISO 4217 minor units; immutable';
COMMENT ON COLUMN payapi.orders.currency IS 'ISO 4217 code; immutable';
COMMENT ON COLUMN payapi.orders.status IS
    'open, paid (the money has arrived), refunded (all of it went back)';
COMMENT ON COLUMN payapi.orders.description IS 'shown to the payer';
COMMENT ON COLUMN payapi.orders.customer_email IS
    'personal data: given to the provider, masked elsewhere; empty: unknown';
COMMENT ON COLUMN payapi.orders.metadata IS 'the shop''s own string pairs, kept as sent';
COMMENT ON COLUMN payapi.orders.created_at IS 'when the order was created';
COMMENT ON COLUMN payapi.orders.updated_at IS 'when its status last changed';

CREATE FUNCTION payapi.orders_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN TG_OP = 'UPDATE'
             AND ((NEW.order_id, NEW.amount_minor, NEW.currency, NEW.created_at)
                  IS DISTINCT FROM (OLD.order_id, OLD.amount_minor, OLD.currency, OLD.created_at)
                  OR NEW.owner_id <> OLD.owner_id AND OLD.owner_id <> E'\x1fadopted')
            THEN 'order_is_immutable'
        WHEN TG_OP = 'INSERT'
             AND (NEW.order_id !~ '^[A-Za-z0-9._-]+$' OR length(NEW.order_id) > 64
                  OR NEW.order_id IN ('.', '..'))
            THEN 'order_id_is_allowed'
        WHEN length(NEW.owner_id) NOT BETWEEN 1 AND 255 THEN 'owner_id_has_length'
        WHEN NEW.status NOT IN ('open', 'paid', 'refunded') THEN 'order_status_is_known'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'order %: %', NEW.order_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.orders_guard IS
    'trigger: checks the values of an order; id, amount, currency and creation time never change, '
    'nor does the owner unless the order was adopted';

CREATE TRIGGER orders_guard BEFORE INSERT OR UPDATE ON payapi.orders
    FOR EACH ROW EXECUTE FUNCTION payapi.orders_guard();
CREATE TRIGGER orders_stay BEFORE DELETE OR TRUNCATE ON payapi.orders
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT, UPDATE (owner_id, status, updated_at) ON payapi.orders TO payapi_app;

COMMIT;
