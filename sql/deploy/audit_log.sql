-- Who did what, when: append-only, and a hash chain per payment made in the same transaction.
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
    CONSTRAINT chain_has_no_fork UNIQUE (payment_id, seq),
    CONSTRAINT chained_when_about_a_payment CHECK ((payment_id IS NULL) = (hash IS NULL))
);

COMMENT ON TABLE  payapi.audit_log IS 'append-only record of every change, with a hash chain per payment';
COMMENT ON COLUMN payapi.audit_log.audit_id IS 'order of writing, for reading along; not gap-free';
COMMENT ON COLUMN payapi.audit_log.order_id IS 'the order it is about, if any';
COMMENT ON COLUMN payapi.audit_log.payment_id IS 'the payment it is about, if any';
COMMENT ON COLUMN payapi.audit_log.seq IS '1, 2, 3 ... within the payment; no gaps';
COMMENT ON COLUMN payapi.audit_log.at_us IS 'Unix microseconds by the database''s clock';
COMMENT ON COLUMN payapi.audit_log.actor IS 'user:SUB, admin:SUB, webhook:PROVIDER, jobs';
COMMENT ON COLUMN payapi.audit_log.action IS 'what was done, e.g. status, order.created, call.checkout';
COMMENT ON COLUMN payapi.audit_log.body IS 'JSON text as hashed: ids and amounts, no personal data';
COMMENT ON COLUMN payapi.audit_log.trace_id IS 'of the request that did it';
COMMENT ON COLUMN payapi.audit_log.prev IS 'hash of the row before in this payment''s chain';
COMMENT ON COLUMN payapi.audit_log.hash IS 'SHA-256 of prev and the length-prefixed fields';
COMMENT ON COLUMN payapi.audit_log.xid IS 'writing transaction: checkpoints take what is surely committed';

-- The text that is hashed; the invariant that verifies the chain calls the same function.
CREATE FUNCTION payapi.audit_text(payment_id text, seq bigint, at_us bigint, actor text, action text, body text, trace_id text)
    RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN convert_to(concat_ws(E'\x1f', payment_id, seq, at_us, length(actor), actor, length(action), action,
                                length(body), body, length(trace_id), trace_id), 'UTF8');
COMMENT ON FUNCTION payapi.audit_text IS 'length-prefixed fields of an audit row, as hashed';

-- Runs as the owner: the app may not touch the chain's head itself.
CREATE FUNCTION payapi.audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
BEGIN
    IF NEW.payment_id IS NULL THEN
        NEW.seq := NULL; NEW.prev := NULL; NEW.hash := NULL;
        RETURN NEW;
    END IF;
    SELECT chain_seq + 1, chain_head INTO STRICT NEW.seq, NEW.prev
      FROM payments WHERE payments.payment_id = NEW.payment_id FOR NO KEY UPDATE;
    NEW.hash := sha256(NEW.prev || audit_text(NEW.payment_id, NEW.seq, NEW.at_us, NEW.actor, NEW.action, NEW.body, NEW.trace_id));
    UPDATE payments SET chain_seq = NEW.seq, chain_head = NEW.hash WHERE payments.payment_id = NEW.payment_id;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.audit_chain() IS 'trigger: links the row into its payment''s hash chain';
CREATE TRIGGER audit_chain BEFORE INSERT ON payapi.audit_log
    FOR EACH ROW EXECUTE FUNCTION payapi.audit_chain();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT (order_id, payment_id, actor, action, body, trace_id) ON payapi.audit_log TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.audit_text TO payapi_app, payapi_read;

COMMIT;
