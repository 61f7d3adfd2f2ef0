-- Who did what, and when: append-only. Each payment's hash chain grows in the same transaction.
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.audit_log (
    audit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id   text,
    payment_id text REFERENCES payapi.payments,
    seq        bigint,
    at_us      bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    actor      text NOT NULL,
    action     text NOT NULL,
    body       text NOT NULL,
    trace_id   text NOT NULL,
    prev       bytea,
    hash       bytea,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT chained_when_about_a_payment CHECK ((payment_id IS NULL) = (hash IS NULL)),
    CONSTRAINT chain_has_no_fork UNIQUE (payment_id, seq)
);
CREATE INDEX audit_log_by_action ON payapi.audit_log (action, at_us, audit_id);
CREATE INDEX audit_log_by_actor ON payapi.audit_log (actor, at_us, audit_id);
CREATE INDEX audit_log_by_order ON payapi.audit_log (order_id, at_us, audit_id);
CREATE INDEX audit_log_by_place ON payapi.audit_log (payapi.xid_number(xid), audit_id);
COMMENT ON INDEX payapi.audit_log_by_place IS 'the order in which rows are sealed';
CREATE INDEX audit_log_by_time ON payapi.audit_log (at_us, audit_id);

COMMENT ON TABLE  payapi.audit_log IS
    'append-only record of every change, with a hash chain per payment';
COMMENT ON COLUMN payapi.audit_log.audit_id IS
    'in the order of writing, for readers that follow the log; may have gaps';
COMMENT ON COLUMN payapi.audit_log.order_id IS 'the order it is about, if any';
COMMENT ON COLUMN payapi.audit_log.payment_id IS 'the payment it is about, if any';
COMMENT ON COLUMN payapi.audit_log.seq IS '1, 2, 3 ... within the payment; no gaps';
COMMENT ON COLUMN payapi.audit_log.at_us IS 'Unix microseconds by the database''s clock';
COMMENT ON COLUMN payapi.audit_log.actor IS
    'user:SUB, shop:SUB, admin:SUB, webhook:PROVIDER, pull:PROVIDER, jobs';
COMMENT ON COLUMN payapi.audit_log.action IS
    'what was done, e.g. status, order.created, call.checkout';
COMMENT ON COLUMN payapi.audit_log.body IS 'JSON text as hashed: ids and amounts, no personal data';
COMMENT ON COLUMN payapi.audit_log.trace_id IS 'of the request that did it';
COMMENT ON COLUMN payapi.audit_log.prev IS 'hash of the previous row in this payment''s chain';
COMMENT ON COLUMN payapi.audit_log.hash IS 'SHA-256 of prev and the length-prefixed fields';
COMMENT ON COLUMN payapi.audit_log.xid IS
    'the writing transaction, so that checkpoints take only what is surely committed';

-- The text that is hashed; the invariant that verifies the chain calls the same function.
CREATE FUNCTION payapi.audit_text(payment_id text, seq bigint, at_us bigint, actor text,
                                  action text, body text, trace_id text)
    RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN pg_catalog.convert_to(pg_catalog.concat_ws(E'\x1f', payment_id, seq, at_us,
        pg_catalog.length(actor), actor, pg_catalog.length(action), action,
        pg_catalog.length(body), body, pg_catalog.length(trace_id), trace_id), 'UTF8');
END
$$;
COMMENT ON FUNCTION payapi.audit_text IS 'length-prefixed fields of an audit row, as hashed';

-- Runs as the owner, because the application may not touch a chain's head itself. Whoever writes
-- about a payment holds its lock, so a chain gets only one first link. Every name is qualified
-- with its schema, operators included. A search path would be as safe, but PostgreSQL would set
-- it again for every row. audit_text is plpgsql for a similar reason: a function of language sql
-- is prepared again in every transaction.
CREATE FUNCTION payapi.audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.payment_id IS NULL THEN
        NEW.seq := NULL; NEW.prev := NULL; NEW.hash := NULL;
        RETURN NEW;
    END IF;
    SELECT h.seq OPERATOR(pg_catalog.+) 1, h.hash INTO NEW.seq, NEW.prev
      FROM payapi.audit_heads AS h
     WHERE h.payment_id OPERATOR(pg_catalog.=) NEW.payment_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        NEW.seq := 1; NEW.prev := pg_catalog.sha256('');
    END IF;
    NEW.hash := pg_catalog.sha256(NEW.prev OPERATOR(pg_catalog.||) payapi.audit_text(
                    NEW.payment_id, NEW.seq, NEW.at_us, NEW.actor, NEW.action, NEW.body,
                    NEW.trace_id));
    IF NEW.seq OPERATOR(pg_catalog.=) 1 THEN
        INSERT INTO payapi.audit_heads (payment_id, seq, hash) VALUES (NEW.payment_id, 1, NEW.hash);
    ELSE
        UPDATE payapi.audit_heads AS h SET seq = NEW.seq, hash = NEW.hash
         WHERE h.payment_id OPERATOR(pg_catalog.=) NEW.payment_id;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.audit_chain IS 'trigger: links the row into its payment''s hash chain';

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER audit_chain BEFORE INSERT ON payapi.audit_log
    FOR EACH ROW EXECUTE FUNCTION payapi.audit_chain();

GRANT INSERT (order_id, payment_id, actor, action, body, trace_id)
    ON payapi.audit_log TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.audit_text TO payapi_app, payapi_read;

COMMIT;
