-- Signed Merkle roots over the audit log: who rewrites a whole chain cannot rewrite these.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.audit_checkpoints (
    checkpoint_no bigint PRIMARY KEY CONSTRAINT checkpoint_no_is_positive CHECK (checkpoint_no > 0),
    from_xid      bigint NOT NULL,
    to_xid        bigint NOT NULL,
    row_count     bigint NOT NULL CONSTRAINT checkpoint_covers_rows CHECK (row_count > 0),
    root          bytea NOT NULL,
    prev          bytea NOT NULL,
    hash          bytea NOT NULL,
    signature     bytea NOT NULL,
    made_at_ms    bigint NOT NULL,
    CONSTRAINT checkpoint_range_goes_on CHECK (to_xid > from_xid),
    CONSTRAINT checkpoint_hashes_are_sha256
        CHECK (length(root) = 32 AND length(prev) = 32 AND length(hash) = 32),
    CONSTRAINT checkpoint_signature_is_ed25519 CHECK (length(signature) = 64)
);

COMMENT ON TABLE  payapi.audit_checkpoints IS 'append-only chain of signed Merkle roots over audit_log';
COMMENT ON COLUMN payapi.audit_checkpoints.checkpoint_no IS '1, 2, 3 ... no gaps';
COMMENT ON COLUMN payapi.audit_checkpoints.from_xid IS 'first transaction id it covers: where the one before ended';
COMMENT ON COLUMN payapi.audit_checkpoints.to_xid IS 'first transaction id it does not cover; all before it had ended';
COMMENT ON COLUMN payapi.audit_checkpoints.row_count IS 'audit rows of these transactions';
COMMENT ON COLUMN payapi.audit_checkpoints.root IS 'Merkle root over their leaves (RFC 6962) in the order payment_id, seq';
COMMENT ON COLUMN payapi.audit_checkpoints.prev IS 'hash of the checkpoint before; 32 zero bytes for the first';
COMMENT ON COLUMN payapi.audit_checkpoints.hash IS 'SHA-256 over number, prev, root, count, range and time';
COMMENT ON COLUMN payapi.audit_checkpoints.signature IS 'Ed25519 over hash; the key is never in the database';
COMMENT ON COLUMN payapi.audit_checkpoints.made_at_ms IS 'when, Unix milliseconds';

CREATE TRIGGER audit_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- A row as a checkpoint sees it: from its fields and not from its stored hash, so that an edit shows
-- whether or not the hash was recomputed; with what the chain's text leaves out.
CREATE FUNCTION payapi.audit_leaf(a payapi.audit_log) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(convert_to(concat_ws(E'\x1f', a.audit_id, length(coalesce(a.order_id, '')), coalesce(a.order_id, '')), 'UTF8')
                  || coalesce(a.prev, ''::bytea)
                  || payapi.audit_text(coalesce(a.payment_id, ''), coalesce(a.seq, 0), a.at_us, a.actor, a.action,
                                       a.body, a.trace_id));
COMMENT ON FUNCTION payapi.audit_leaf IS 'what a checkpoint''s Merkle tree holds of an audit row';

-- By number, as xid8 has no arithmetic; the expression is the cast that every query uses.
CREATE FUNCTION payapi.xid_number(xid8) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN $1::text::bigint;
COMMENT ON FUNCTION payapi.xid_number(xid8) IS 'a transaction id as a number; does not wrap around';
GRANT EXECUTE ON FUNCTION payapi.audit_leaf, payapi.xid_number(xid8) TO payapi_app, payapi_read;
CREATE INDEX audit_log_by_xid ON payapi.audit_log (payapi.xid_number(xid));

GRANT INSERT ON payapi.audit_checkpoints TO payapi_app;

COMMIT;
