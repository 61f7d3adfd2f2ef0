-- Who did what, and when: append-only. Some rows are domain events too, which tell the shop of their
-- change. The rows of a payment are numbered; checkpoints prove that all of them are as written.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

-- Whoever writes about a payment holds its lock or has just made it, so a number is given once. No
-- foreign keys: nobody deletes a payment or an order, and I7 finds rows of one that never was.
CREATE TABLE payapi.audit_log (
    audit_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id      text,
    payment_id    text,
    seq           bigint,
    at_us         bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    actor         text NOT NULL,
    action        text NOT NULL,
    body          text NOT NULL,
    trace_id      text NOT NULL,
    event_id      text,
    event_type    text,
    event_payload text,
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT number_given_once UNIQUE (payment_id, seq)
);
CREATE INDEX audit_log_by_action ON payapi.audit_log (action, at_us, audit_id)
    WHERE action NOT IN ('order.created', 'payment.created', 'status');
COMMENT ON INDEX payapi.audit_log_by_action IS
    'GET /audit?action= of what is rare; the other actions are everywhere in the log';
CREATE INDEX audit_log_by_actor ON payapi.audit_log (actor, at_us, audit_id);
COMMENT ON INDEX payapi.audit_log_by_actor IS 'GET /audit?actor=';
CREATE INDEX audit_log_by_order ON payapi.audit_log (order_id, at_us, audit_id);
COMMENT ON INDEX payapi.audit_log_by_order IS
    'GET /audit?orderId=, and what a timeline tells of its order';
CREATE INDEX audit_log_by_place ON payapi.audit_log (payapi.xid_number(xid), audit_id);
COMMENT ON INDEX payapi.audit_log_by_place IS 'the order in which rows are sealed';
CREATE INDEX audit_log_by_time ON payapi.audit_log (at_us, audit_id);
COMMENT ON INDEX payapi.audit_log_by_time IS 'GET /audit, newest first';

COMMENT ON TABLE  payapi.audit_log IS
    'append-only record of every change; rows with an event_id are domain events too';
COMMENT ON COLUMN payapi.audit_log.audit_id IS
    'in the order of writing, for readers that follow the log; may have gaps';
COMMENT ON COLUMN payapi.audit_log.order_id IS 'the order it is about, if any';
COMMENT ON COLUMN payapi.audit_log.payment_id IS 'the payment it is about, if any';
COMMENT ON COLUMN payapi.audit_log.seq IS '1, 2, 3 ... within the payment; no gaps';
COMMENT ON COLUMN payapi.audit_log.at_us IS 'Unix microseconds by the database''s clock';
COMMENT ON COLUMN payapi.audit_log.actor IS
    'user:SUB, shop:SUB, admin:SUB, webhook:PROVIDER, pull:PROVIDER, jobs';
COMMENT ON COLUMN payapi.audit_log.action IS
    'what was done, e.g. status, order.created; call.checkout: an answer that changed nothing; '
    'announced: a second event';
COMMENT ON COLUMN payapi.audit_log.body IS 'JSON text: ids and amounts, no personal data';
COMMENT ON COLUMN payapi.audit_log.trace_id IS 'of the request that did it';
COMMENT ON COLUMN payapi.audit_log.event_id IS
    'evt_ and 26 characters: the receiver''s duplicate check; null: nobody is told of the change';
COMMENT ON COLUMN payapi.audit_log.event_type IS 'of the event, e.g. payment.completed';
COMMENT ON COLUMN payapi.audit_log.event_payload IS
    'of the event: the resource as it was after the change, JSON text';
COMMENT ON COLUMN payapi.audit_log.xid IS
    'the writing transaction, so that checkpoints take only what is surely committed';

-- The writer chooses neither the number nor the time. Every name is qualified with its schema,
-- operators included, so that no search path can redirect it.
CREATE FUNCTION payapi.audit_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    NEW.seq := NULL;
    IF NEW.payment_id IS NOT NULL THEN
        SELECT a.seq INTO NEW.seq FROM payapi.audit_log AS a
         WHERE a.payment_id OPERATOR(pg_catalog.=) NEW.payment_id
         ORDER BY a.seq DESC LIMIT 1;
        NEW.seq := coalesce(NEW.seq, 0) OPERATOR(pg_catalog.+) 1;
    END IF;
    broken := CASE
        WHEN pg_catalog.num_nulls(NEW.event_id, NEW.event_type, NEW.event_payload)
             OPERATOR(pg_catalog.%) 3 OPERATOR(pg_catalog.<>) 0 THEN 'event_is_whole'
        WHEN NOT payapi.id_has_form(NEW.event_id, 'evt_') THEN 'event_id_has_form'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'event %: %', NEW.event_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.audit_number IS
    'trigger: numbers the rows of a payment; checks that an event has its id, type and payload';

-- What a checkpoint's Merkle tree holds of a row: each field behind its length.
CREATE FUNCTION payapi.audit_leaf(a payapi.audit_log)
    RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(convert_to(concat_ws(E'\x1f', a.audit_id,
        length(coalesce(a.order_id, '')), coalesce(a.order_id, ''),
        length(coalesce(a.payment_id, '')), coalesce(a.payment_id, ''), coalesce(a.seq, 0), a.at_us,
        length(a.actor), a.actor, length(a.action), a.action, length(a.body), a.body,
        length(a.trace_id), a.trace_id,
        length(coalesce(a.event_id, '')), coalesce(a.event_id, ''),
        length(coalesce(a.event_type, '')), coalesce(a.event_type, ''),
        length(coalesce(a.event_payload, '')), coalesce(a.event_payload, '')), 'UTF8'));
COMMENT ON FUNCTION payapi.audit_leaf IS 'what a checkpoint''s Merkle tree holds of an audit row';

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER audit_number BEFORE INSERT ON payapi.audit_log
    FOR EACH ROW EXECUTE FUNCTION payapi.audit_number();

GRANT INSERT (order_id, payment_id, actor, action, body, trace_id, event_id, event_type,
              event_payload)
    ON payapi.audit_log TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.audit_leaf TO payapi_app, payapi_read;

COMMIT;
