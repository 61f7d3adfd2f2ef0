-- The chain's trigger runs as the owner, and names all it uses with its schema, operators too. A search path of
-- its own served the same end, but PostgreSQL sets it anew for every row; and it prepares a function of its
-- language sql anew in every transaction, but keeps one of plpgsql. Both together were a quarter of an audit row.
-- No other trigger fires inside (refunds_count keeps its path: the guard of payments fires there).
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE OR REPLACE FUNCTION payapi.audit_text(payment_id text, seq bigint, at_us bigint, actor text, action text, body text, trace_id text)
    RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN pg_catalog.convert_to(pg_catalog.concat_ws(E'\x1f', payment_id, seq, at_us, pg_catalog.length(actor), actor,
        pg_catalog.length(action), action, pg_catalog.length(body), body, pg_catalog.length(trace_id), trace_id), 'UTF8');
END
$$;

CREATE OR REPLACE FUNCTION payapi.audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.payment_id IS NULL THEN
        NEW.seq := NULL; NEW.prev := NULL; NEW.hash := NULL;
        RETURN NEW;
    END IF;
    SELECT h.seq OPERATOR(pg_catalog.+) 1, h.hash INTO NEW.seq, NEW.prev
      FROM payapi.audit_heads AS h WHERE h.payment_id OPERATOR(pg_catalog.=) NEW.payment_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        NEW.seq := 1; NEW.prev := pg_catalog.sha256('');
    END IF;
    NEW.hash := pg_catalog.sha256(NEW.prev OPERATOR(pg_catalog.||) payapi.audit_text(
                    NEW.payment_id, NEW.seq, NEW.at_us, NEW.actor, NEW.action, NEW.body, NEW.trace_id));
    IF NEW.seq OPERATOR(pg_catalog.=) 1 THEN
        INSERT INTO payapi.audit_heads (payment_id, seq, hash) VALUES (NEW.payment_id, 1, NEW.hash);
    ELSE
        UPDATE payapi.audit_heads AS h SET seq = NEW.seq, hash = NEW.hash
         WHERE h.payment_id OPERATOR(pg_catalog.=) NEW.payment_id;
    END IF;
    RETURN NEW;
END
$$;
ALTER FUNCTION payapi.audit_chain() RESET search_path;

COMMIT;
