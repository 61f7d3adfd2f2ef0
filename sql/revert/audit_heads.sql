-- Back into payments.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.payments
    ADD COLUMN chain_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN chain_head bytea NOT NULL DEFAULT sha256(''::bytea);
COMMENT ON COLUMN payapi.payments.chain_seq IS 'number of audit rows in this payment''s hash chain';
COMMENT ON COLUMN payapi.payments.chain_head IS 'hash of the newest of them';
UPDATE payapi.payments AS p SET chain_seq = h.seq, chain_head = h.hash
  FROM payapi.audit_heads AS h WHERE h.payment_id = p.payment_id;

CREATE OR REPLACE FUNCTION payapi.audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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

DROP TABLE payapi.audit_heads;
CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 2;

COMMIT;
