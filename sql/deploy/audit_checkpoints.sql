-- Signed Merkle roots over the audit log: someone who can rewrite its rows still cannot rewrite
-- these. Each covers a range between two places (transaction id, audit_id), so that a
-- checkpoint never exceeds its limit of rows. After a restore, sealing continues in a new epoch.
-- Only the role payapi_sealer adds rows, so the application cannot write a checkpoint.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.audit_checkpoints (
    checkpoint_no bigint PRIMARY KEY,
    from_xid      bigint NOT NULL,
    to_xid        bigint NOT NULL,
    row_count     bigint NOT NULL,
    root          bytea NOT NULL,
    prev          bytea NOT NULL,
    hash          bytea NOT NULL,
    signature     bytea NOT NULL,
    made_at_ms    bigint NOT NULL,
    form          smallint NOT NULL,
    epoch         integer NOT NULL,
    system_id     bigint NOT NULL,
    floor_id      bigint NOT NULL,
    from_id       bigint NOT NULL,
    to_id         bigint NOT NULL,
    note          text NOT NULL,
    last_id       bigint NOT NULL,
    CONSTRAINT checkpoint_covers_rows CHECK (row_count > 0),
    CONSTRAINT checkpoint_hashes_are_sha256
        CHECK (length(root) = 32 AND length(prev) = 32 AND length(hash) = 32),
    CONSTRAINT checkpoint_no_is_positive CHECK (checkpoint_no > 0),
    CONSTRAINT checkpoint_note_is_short
        CHECK (octet_length(note) <= 200 AND note !~ '[[:cntrl:]]'),
    CONSTRAINT checkpoint_range_goes_on CHECK ((to_xid, to_id) > (from_xid, from_id)),
    CONSTRAINT checkpoint_signature_is_ed25519 CHECK (length(signature) = 64)
);
CREATE INDEX audit_checkpoints_by_epoch ON payapi.audit_checkpoints (epoch, last_id);
COMMENT ON INDEX payapi.audit_checkpoints_by_epoch IS 'how far each epoch reaches';
CREATE INDEX audit_checkpoints_with_note ON payapi.audit_checkpoints (checkpoint_no)
    WHERE note <> '';
COMMENT ON INDEX payapi.audit_checkpoints_with_note IS 'checkpoints that accept a loss';

COMMENT ON TABLE  payapi.audit_checkpoints IS
    'append-only chain of signed Merkle roots over audit_log; written by payapi_sealer';
COMMENT ON COLUMN payapi.audit_checkpoints.checkpoint_no IS
    '1, 2, 3 ...; a number that is already taken is skipped';
COMMENT ON COLUMN payapi.audit_checkpoints.from_xid IS
    'with from_id, the place after which it begins: where the previous one ended';
COMMENT ON COLUMN payapi.audit_checkpoints.to_xid IS
    'with to_id, the place where it ends; all transactions up to there had ended';
COMMENT ON COLUMN payapi.audit_checkpoints.row_count IS 'audit rows in that range';
COMMENT ON COLUMN payapi.audit_checkpoints.root IS
    'Merkle root over their leaves (RFC 6962) in the order payment_id, seq';
COMMENT ON COLUMN payapi.audit_checkpoints.prev IS
    'hash of the previous checkpoint; 32 zero bytes for the first';
COMMENT ON COLUMN payapi.audit_checkpoints.hash IS
    'SHA-256 over number, prev, root, count, range and time';
COMMENT ON COLUMN payapi.audit_checkpoints.signature IS
    'Ed25519 over hash; the key is never in the database';
COMMENT ON COLUMN payapi.audit_checkpoints.made_at_ms IS 'when it was made, Unix milliseconds';
COMMENT ON COLUMN payapi.audit_checkpoints.form IS
    'version of the text that is hashed: 1, or 2, which covers all columns';
COMMENT ON COLUMN payapi.audit_checkpoints.epoch IS
    '1, 2 ...: transaction ids of different epochs cannot be compared';
COMMENT ON COLUMN payapi.audit_checkpoints.system_id IS
    'system identifier of the cluster (pg_control); 0 in form 1';
COMMENT ON COLUMN payapi.audit_checkpoints.floor_id IS
    'greatest audit_id when the epoch was opened: rows up to it are sealed by audit_id';
COMMENT ON COLUMN payapi.audit_checkpoints.from_id IS 'audit_id of the place after which it begins';
COMMENT ON COLUMN payapi.audit_checkpoints.to_id IS 'audit_id of the place where it ends';
COMMENT ON COLUMN payapi.audit_checkpoints.note IS
    'why its maker accepts the loss of earlier checkpoints; empty: no loss is accepted';
COMMENT ON COLUMN payapi.audit_checkpoints.last_id IS
    'greatest audit_id that its epoch covers so far';

-- An epoch begins with a floor: every row up to it is committed, and every later row is above it.
-- The function therefore waits for all current writers, and new writers wait for a moment.
CREATE FUNCTION payapi.audit_floor(OUT floor_id bigint, OUT from_xid bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE payapi.audit_log IN SHARE MODE;
    floor_id := (SELECT a.audit_id FROM payapi.audit_log AS a ORDER BY a.audit_id DESC LIMIT 1);
    from_xid := payapi.xid_number(pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()));
END
$$;
COMMENT ON FUNCTION payapi.audit_floor IS
    'waits for all transactions that write to audit_log; returns its greatest audit_id and the '
    'lowest transaction id that later rows can have';

CREATE TRIGGER audit_checkpoints_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT ON payapi.audit_checkpoints TO payapi_sealer;
GRANT EXECUTE ON FUNCTION payapi.audit_floor TO payapi_sealer;

COMMIT;
