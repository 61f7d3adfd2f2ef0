-- The end of each payment's audit chain, in a small row of its own. In payments each audit row made a new
-- version of a wide row, four or five of them for a payment, and had all its rules judged again.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.audit_heads (
    payment_id text PRIMARY KEY REFERENCES payapi.payments,
    seq        bigint NOT NULL,
    hash       bytea NOT NULL
) WITH (fillfactor = 70);               -- room beside the row for its next versions

COMMENT ON TABLE  payapi.audit_heads IS 'the newest link of each payment''s audit chain; written by the trigger audit_chain alone';
COMMENT ON COLUMN payapi.audit_heads.payment_id IS 'whose chain';
COMMENT ON COLUMN payapi.audit_heads.seq IS 'number of its links';
COMMENT ON COLUMN payapi.audit_heads.hash IS 'hash of the newest';

INSERT INTO payapi.audit_heads (payment_id, seq, hash)
SELECT payment_id, chain_seq, chain_head FROM payapi.payments WHERE chain_seq > 0;

CREATE TRIGGER audit_heads_stay BEFORE DELETE OR TRUNCATE ON payapi.audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- Runs as the owner: the app may not touch the chain's head itself. Who writes about a payment holds
-- its lock, so a chain's first link is made once.
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

ALTER TABLE payapi.payments DROP COLUMN chain_seq, DROP COLUMN chain_head;

CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 3;

COMMIT;
