-- Domain events, written in the transaction of the change they announce.
-- Locks: payapi.orders SHARE ROW EXCLUSIVE
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.outbox (
    event_id      text PRIMARY KEY,
    aggregate_id  text NOT NULL,
    aggregate_seq bigint NOT NULL,
    type          text NOT NULL,
    order_id      text NOT NULL REFERENCES payapi.orders,
    payment_id    text REFERENCES payapi.payments,
    payload       text NOT NULL,
    trace_id      text NOT NULL,
    created_at    timestamptz(3) NOT NULL,
    delivered_at  timestamptz(3),
    dead          boolean NOT NULL DEFAULT false,
    CONSTRAINT event_order_within_aggregate UNIQUE (aggregate_id, aggregate_seq)
);
CREATE INDEX outbox_undelivered ON payapi.outbox (created_at)
    WHERE delivered_at IS NULL AND NOT dead;

COMMENT ON TABLE  payapi.outbox IS
    'domain events to be delivered at least once, in order per aggregate';
COMMENT ON COLUMN payapi.outbox.event_id IS
    'evt_ and 26 characters: the receiver''s duplicate check';
COMMENT ON COLUMN payapi.outbox.aggregate_id IS
    'the payment, else the order; events of one aggregate are ordered';
COMMENT ON COLUMN payapi.outbox.aggregate_seq IS '1, 2, 3 ... within the aggregate; no gaps';
COMMENT ON COLUMN payapi.outbox.type IS 'e.g. payment.completed';
COMMENT ON COLUMN payapi.outbox.order_id IS 'the order it is about';
COMMENT ON COLUMN payapi.outbox.payment_id IS 'the payment it is about, if any';
COMMENT ON COLUMN payapi.outbox.payload IS 'the resource as it was after the change, JSON text';
COMMENT ON COLUMN payapi.outbox.trace_id IS 'of the request that changed it';
COMMENT ON COLUMN payapi.outbox.created_at IS 'when the change was made';
COMMENT ON COLUMN payapi.outbox.delivered_at IS
    'when every subscriber had received it; null: not yet';
COMMENT ON COLUMN payapi.outbox.dead IS 'delivery was given up; waits for a human';

CREATE FUNCTION payapi.outbox_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT payapi.id_has_form(NEW.event_id, 'evt_') THEN
        RAISE EXCEPTION 'event %: event_id_has_form', NEW.event_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_id_has_form';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.outbox_guard IS 'trigger: checks the id of a domain event';

CREATE TRIGGER outbox_guard BEFORE INSERT ON payapi.outbox
    FOR EACH ROW EXECUTE FUNCTION payapi.outbox_guard();
CREATE TRIGGER outbox_stays BEFORE DELETE OR TRUNCATE ON payapi.outbox
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT, UPDATE (delivered_at, dead) ON payapi.outbox TO payapi_app;

COMMIT;
