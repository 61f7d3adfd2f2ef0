#include "application/store_audit.h"

#include <assert.h>

#include "audit_rows.h"
#include "statements.h"

#define CHECKPOINT_COLUMNS \
    " checkpoint_no, from_xid, to_xid, row_count, encode(root, 'hex') AS root," \
    " encode(prev, 'hex') AS prev, encode(hash, 'hex') AS hash," \
    " encode(signature, 'hex') AS signature, made_at_ms"

static void read_hex(struct pg_row row, const char *column, unsigned char *bytes_out, size_t size)
{
    bool good = hex_parse(pg_row_text(row, column), bytes_out, size);

    assert(good);                       /* constraints of the table */
}

static struct audit_checkpoint row_checkpoint(struct pg_row row)
{
    struct audit_checkpoint checkpoint = {
        .number = pg_row_i64(row, "checkpoint_no"),
        .from_xid = pg_row_i64(row, "from_xid"),
        .to_xid = pg_row_i64(row, "to_xid"),
        .row_count = pg_row_i64(row, "row_count"),
        .made_at_ms = pg_row_i64(row, "made_at_ms"),
    };

    read_hex(row, "root", checkpoint.root.bytes, DIGEST_BYTES);
    read_hex(row, "prev", checkpoint.prev.bytes, DIGEST_BYTES);
    read_hex(row, "hash", checkpoint.hash.bytes, DIGEST_BYTES);
    read_hex(row, "signature", checkpoint.signature.bytes, SIGNATURE_BYTES);
    return checkpoint;
}

/* --- How far the next one may go ------------------------------------------------------------- */

static const struct pg_statement checkpoint_last = {
    .name = "checkpoint_last",
    .sql =
        "SELECT" CHECKPOINT_COLUMNS
        " FROM audit_checkpoints"
        " ORDER BY checkpoint_no DESC"
        " LIMIT 1"
};

/*
 * What is below the snapshot's xmin has ended: no row can appear there any more. The range ends
 * before the transaction of the first row too many; a transaction with more rows is taken whole.
 */
static const struct pg_statement checkpoint_range = {
    .name = "checkpoint_range",
    .sql =
        "WITH ended AS MATERIALIZED ("
        "   SELECT xid_number(pg_snapshot_xmin(pg_current_snapshot())) AS xmin,"
        "       coalesce((SELECT to_xid FROM audit_checkpoints"
        "                 ORDER BY checkpoint_no DESC LIMIT 1), 0) AS from_xid),"
        " rows_to_cover AS MATERIALIZED ("
        "   SELECT xid_number(a.xid) AS number"
        "   FROM audit_log AS a"
        "   WHERE xid_number(a.xid) >= (SELECT from_xid FROM ended)"
        "     AND xid_number(a.xid) < (SELECT xmin FROM ended)"
        "   ORDER BY xid_number(a.xid)"
        "   LIMIT $1::bigint + 1)"
        " SELECT e.xmin, e.xmin < e.from_xid AS ran_back, count(r.number) AS row_count,"
        "   CASE WHEN count(r.number) <= $1::bigint THEN e.xmin"
        "        ELSE greatest(max(r.number), min(r.number) + 1) END AS to_xid"
        " FROM ended AS e LEFT JOIN rows_to_cover AS r ON true"
        " GROUP BY e.xmin, e.from_xid"
};

const struct problem *store_audit_range(struct ctx *ctx, struct audit_range *range_out)
{
    struct pg_args args = { 0 };
    struct pg_rows last, range;

    pg_queue_optional(ctx, &checkpoint_last, &args, &last);
    pg_i64(&args, CHECKPOINT_ROWS_MAX);                     /* $1 */
    pg_queue_one(ctx, &checkpoint_range, &args, &range);
    TRY(pg_wait(ctx));
    *range_out = (struct audit_range) {
        .found = pg_row_i64(pg_row_at(&range, 0), "row_count") > 0,
        .ran_back = pg_row_bool(pg_row_at(&range, 0), "ran_back"),
        .to_xid = pg_row_i64(pg_row_at(&range, 0), "to_xid"),
    };
    if (last.count == 1)
        range_out->before = row_checkpoint(pg_row_at(&last, 0));
    return OK;
}

/* --- What one covers ------------------------------------------------------------------------- */

#define COVERED \
    " FROM audit_log AS a" \
    " WHERE xid_number(a.xid) >= $1 AND xid_number(a.xid) < $2" \
    " ORDER BY coalesce(a.payment_id, '') COLLATE \"C\", coalesce(a.seq, a.audit_id), a.audit_id"

static const struct pg_statement audit_leaves = {
    .name = "audit_leaves",
    .sql = "SELECT encode(audit_leaf(a), 'hex') AS leaf" COVERED
};

const struct problem *store_audit_leaves(struct ctx *ctx, int64_t from_xid, int64_t to_xid,
                                         struct digest **leaves_out, int64_t *count_out)
{
    struct pg_args args = { 0 };
    struct digest *leaves;
    struct pg_rows rows;

    pg_i64(&args, from_xid);                                /* $1 */
    pg_i64(&args, to_xid);                                  /* $2 */
    pg_queue_many(ctx, &audit_leaves, &args, &rows);
    TRY(pg_wait(ctx));
    leaves = arena_alloc(ctx->arena, (size_t) rows.count * sizeof(*leaves));
    for (int i = 0; i < rows.count; i++)
        read_hex(pg_row_at(&rows, i), "leaf", leaves[i].bytes, DIGEST_BYTES);
    *leaves_out = leaves;
    *count_out = rows.count;
    return OK;
}

static const struct pg_statement audit_covered = {
    .name = "audit_covered",
    .sql = "SELECT" AUDIT_COLUMNS COVERED
};

const struct problem *store_audit_covered(struct ctx *ctx, int64_t from_xid, int64_t to_xid,
                                          struct audit_entry **entries_out, int64_t *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, from_xid);                                /* $1 */
    pg_i64(&args, to_xid);                                  /* $2 */
    pg_queue_many(ctx, &audit_covered, &args, &rows);
    TRY(pg_wait(ctx));
    *entries_out = row_audit_entries(ctx, &rows, rows.count);
    *count_out = rows.count;
    return OK;
}

/* --- Writing and reading them ---------------------------------------------------------------- */

static const struct pg_statement checkpoint_insert = {
    .name = "checkpoint_insert",
    .sql =
        "INSERT INTO audit_checkpoints"
        "   (checkpoint_no, from_xid, to_xid, row_count, root, prev, hash, signature, made_at_ms)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (checkpoint_no) DO NOTHING"
        " RETURNING checkpoint_no"
};

static void pg_digest(struct pg_args *args, const struct digest *digest)
{
    pg_bytes(args, (struct bytes) { (const char *) digest->bytes, DIGEST_BYTES });
}

const struct problem *store_checkpoint_insert(struct ctx *ctx,
                                              const struct audit_checkpoint *checkpoint,
                                              bool *inserted_out)
{
    const struct bytes signature = { (const char *) checkpoint->signature.bytes, SIGNATURE_BYTES };
    struct pg_args args = { 0 };
    struct pg_rows inserted;

    pg_i64(&args, checkpoint->number);                      /* $1 */
    pg_i64(&args, checkpoint->from_xid);                    /* $2 */
    pg_i64(&args, checkpoint->to_xid);                      /* $3 */
    pg_i64(&args, checkpoint->row_count);                   /* $4 */
    pg_digest(&args, &checkpoint->root);                    /* $5 */
    pg_digest(&args, &checkpoint->prev);                    /* $6 */
    pg_digest(&args, &checkpoint->hash);                    /* $7 */
    pg_bytes(&args, signature);                             /* $8 */
    pg_i64(&args, checkpoint->made_at_ms);                  /* $9 */
    pg_queue_optional(ctx, &checkpoint_insert, &args, &inserted);
    TRY(pg_wait(ctx));
    *inserted_out = inserted.count == 1;
    return OK;
}

static const struct pg_statement checkpoints_after = {
    .name = "checkpoints_after",
    .sql =
        "SELECT" CHECKPOINT_COLUMNS
        " FROM audit_checkpoints"
        " WHERE checkpoint_no > $1"
        " ORDER BY checkpoint_no"
        " LIMIT $2"
};

const struct problem *store_checkpoints_after(struct ctx *ctx, int64_t number,
                                              struct audit_checkpoint *checkpoints_out,
                                              int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, number);                                  /* $1 */
    pg_i64(&args, CHECKPOINT_BATCH);                        /* $2 */
    pg_queue_many(ctx, &checkpoints_after, &args, &rows);
    TRY(pg_wait(ctx));
    for (int i = 0; i < rows.count; i++)
        checkpoints_out[i] = row_checkpoint(pg_row_at(&rows, i));
    *count_out = rows.count;
    return OK;
}

const struct pg_statement *const checkpoint_statements[] = {
    &checkpoint_last, &checkpoint_range, &audit_leaves, &audit_covered, &checkpoint_insert,
    &checkpoints_after, NULL
};
