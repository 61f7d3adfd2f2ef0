-- A search path of its own, and the text in sql again.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE OR REPLACE FUNCTION payapi.audit_text(payment_id text, seq bigint, at_us bigint, actor text, action text, body text, trace_id text)
    RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN convert_to(concat_ws(E'\x1f', payment_id, seq, at_us, length(actor), actor, length(action), action,
                                length(body), body, length(trace_id), trace_id), 'UTF8');

CREATE OR REPLACE FUNCTION payapi.audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
BEGIN
    IF NEW.payment_id IS NULL THEN
        NEW.seq := NULL; NEW.prev := NULL; NEW.hash := NULL;
        RETURN NEW;
    END IF;
    SELECT seq + 1, hash INTO NEW.seq, NEW.prev
      FROM audit_heads WHERE payment_id = NEW.payment_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        NEW.seq := 1; NEW.prev := sha256('');
    END IF;
    NEW.hash := sha256(NEW.prev || audit_text(NEW.payment_id, NEW.seq, NEW.at_us, NEW.actor, NEW.action, NEW.body, NEW.trace_id));
    IF NEW.seq = 1 THEN
        INSERT INTO audit_heads (payment_id, seq, hash) VALUES (NEW.payment_id, 1, NEW.hash);
    ELSE
        UPDATE audit_heads SET seq = NEW.seq, hash = NEW.hash WHERE payment_id = NEW.payment_id;
    END IF;
    RETURN NEW;
END
$$;

COMMIT;
