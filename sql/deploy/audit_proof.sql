-- What the audit proves against whoever has the database: places instead of bare transaction ids, so that a
-- checkpoint never holds more rows than it may; epochs, so that sealing goes on after a restore; a role of its
-- own for who seals, so that the application cannot write a checkpoint.
-- Writers to audit_log wait while its index is made, a second for a million rows. With a longer log make it before:
--     CREATE INDEX CONCURRENTLY audit_log_by_place ON payapi.audit_log (payapi.xid_number(xid), audit_id);
-- Locks: payapi.audit_log ACCESS EXCLUSIVE
-- Locks: payapi.audit_checkpoints ACCESS EXCLUSIVE
BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payapi_sealer') THEN
        CREATE ROLE payapi_sealer NOLOGIN;
        COMMENT ON ROLE payapi_sealer IS 'may add audit checkpoints; payapi-jobs alone';
    END IF;
END
$$;
GRANT USAGE ON SCHEMA payapi TO payapi_sealer;

SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.audit_checkpoints
    ADD COLUMN form      smallint NOT NULL DEFAULT 1,
    ADD COLUMN epoch     integer  NOT NULL DEFAULT 1,
    ADD COLUMN system_id bigint   NOT NULL DEFAULT 0,
    ADD COLUMN floor_id  bigint   NOT NULL DEFAULT 0,
    ADD COLUMN from_id   bigint   NOT NULL DEFAULT 0,
    ADD COLUMN to_id     bigint   NOT NULL DEFAULT 0,
    ADD COLUMN note      text     NOT NULL DEFAULT ''
        CONSTRAINT checkpoint_note_is_short CHECK (octet_length(note) <= 200 AND note !~ '[[:cntrl:]]'),
    DROP CONSTRAINT checkpoint_range_goes_on,
    ADD CONSTRAINT checkpoint_range_goes_on CHECK ((to_xid, to_id) > (from_xid, from_id));
-- The rows of the first form had no such column: all that is there by now is at most what they cover.
DO $$
BEGIN
    EXECUTE format('ALTER TABLE payapi.audit_checkpoints ADD COLUMN last_id bigint NOT NULL DEFAULT %s',
                   (SELECT coalesce(max(audit_id), 0) FROM payapi.audit_log));
END
$$;
ALTER TABLE payapi.audit_checkpoints
    ALTER COLUMN form DROP DEFAULT, ALTER COLUMN epoch DROP DEFAULT, ALTER COLUMN system_id DROP DEFAULT,
    ALTER COLUMN floor_id DROP DEFAULT, ALTER COLUMN from_id DROP DEFAULT, ALTER COLUMN to_id DROP DEFAULT,
    ALTER COLUMN note DROP DEFAULT,
    ALTER COLUMN last_id DROP DEFAULT;

COMMENT ON TABLE  payapi.audit_checkpoints IS 'append-only chain of signed Merkle roots over audit_log; written by payapi_sealer';
COMMENT ON COLUMN payapi.audit_checkpoints.checkpoint_no IS '1, 2, 3 ...; one that is taken is left out';
COMMENT ON COLUMN payapi.audit_checkpoints.from_xid IS 'with from_id the place that it begins behind: where the one before ended';
COMMENT ON COLUMN payapi.audit_checkpoints.to_xid IS 'with to_id the place that it ends at; all transactions up to there had ended';
COMMENT ON COLUMN payapi.audit_checkpoints.row_count IS 'audit rows in that range';
COMMENT ON COLUMN payapi.audit_checkpoints.form IS 'of the text that is hashed: 1, or 2 with all of the columns';
COMMENT ON COLUMN payapi.audit_checkpoints.epoch IS '1, 2 ...: transaction ids of different epochs cannot be compared';
COMMENT ON COLUMN payapi.audit_checkpoints.system_id IS 'system identifier of the cluster (pg_control); 0 in form 1';
COMMENT ON COLUMN payapi.audit_checkpoints.floor_id IS 'greatest audit_id when the epoch was opened: rows up to it are sealed by audit_id';
COMMENT ON COLUMN payapi.audit_checkpoints.from_id IS 'audit_id of the place that it begins behind';
COMMENT ON COLUMN payapi.audit_checkpoints.to_id IS 'audit_id of the place that it ends at';
COMMENT ON COLUMN payapi.audit_checkpoints.last_id IS 'greatest audit_id that its epoch covers so far';

COMMENT ON COLUMN payapi.audit_checkpoints.note IS 'why its maker accepts that checkpoints before it are lost; empty: does not';

CREATE INDEX audit_checkpoints_with_note ON payapi.audit_checkpoints (checkpoint_no) WHERE note <> '';
COMMENT ON INDEX payapi.audit_checkpoints_with_note IS 'those that accept a loss';
CREATE INDEX audit_checkpoints_by_epoch ON payapi.audit_checkpoints (epoch, last_id);
COMMENT ON INDEX payapi.audit_checkpoints_by_epoch IS 'how far each epoch came';

CREATE INDEX IF NOT EXISTS audit_log_by_place ON payapi.audit_log (payapi.xid_number(xid), audit_id);
COMMENT ON INDEX payapi.audit_log_by_place IS 'the order in which rows are sealed';
DROP INDEX payapi.audit_log_by_xid;

-- An epoch begins with a floor: each row up to it is there for good, each later one is above it. For that
-- those who write are waited for, and new ones wait for a moment.
CREATE FUNCTION payapi.audit_floor(OUT floor_id bigint, OUT from_xid bigint) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE payapi.audit_log IN SHARE MODE;
    floor_id := (SELECT a.audit_id FROM payapi.audit_log AS a ORDER BY a.audit_id DESC LIMIT 1);
    from_xid := payapi.xid_number(pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()));
END
$$;
COMMENT ON FUNCTION payapi.audit_floor() IS 'waits for who writes to audit_log; its greatest audit_id, and the first transaction id above';

REVOKE INSERT ON payapi.audit_checkpoints FROM payapi_app;
GRANT INSERT ON payapi.audit_checkpoints TO payapi_sealer;
GRANT EXECUTE ON FUNCTION payapi.audit_floor() TO payapi_sealer;

COMMIT;
