/* Checkpoints of the audit log: what the next one covers, and reading and writing them. */
#include "application/store/store_checkpoints.h"

#include <assert.h>

#include "application/audit/audit_report.h"
#include "audit_rows.h"
#include "base/hex.h"
#include "infrastructure/postgres/pg/statements.h"

#define CHECKPOINT_COLUMNS \
    " checkpoint_no, form, epoch, system_id, floor_id, from_xid, from_id, to_xid, to_id, last_id," \
    " row_count, encode(root, 'hex') AS root, encode(prev, 'hex') AS prev," \
    " encode(hash, 'hex') AS hash, encode(signature, 'hex') AS signature, made_at_ms, note"

static void read_hex(struct pg_row row, const char *column, unsigned char *bytes_out, size_t size)
{
    bool good = hex_parse(pg_row_text(row, column), bytes_out, size);

    assert(good);                       /* constraints of the table */
}

static struct audit_checkpoint row_checkpoint(struct pg_row row)
{
    struct audit_checkpoint checkpoint = {
        .form = pg_row_i64(row, "form"),
        .number = pg_row_i64(row, "checkpoint_no"),
        .epoch = pg_row_i64(row, "epoch"),
        .system_id = pg_row_i64(row, "system_id"),
        .floor_id = pg_row_i64(row, "floor_id"),
        .from = { pg_row_i64(row, "from_xid"), pg_row_i64(row, "from_id") },
        .to = { pg_row_i64(row, "to_xid"), pg_row_i64(row, "to_id") },
        .last_id = pg_row_i64(row, "last_id"),
        .row_count = pg_row_i64(row, "row_count"),
        .made_at_ms = pg_row_i64(row, "made_at_ms"),
    };

    pg_row_copy(row, "note", checkpoint.note, sizeof(checkpoint.note));
    read_hex(row, "root", checkpoint.root.bytes, DIGEST_BYTES);
    read_hex(row, "prev", checkpoint.prev.bytes, DIGEST_BYTES);
    read_hex(row, "hash", checkpoint.hash.bytes, DIGEST_BYTES);
    read_hex(row, "signature", checkpoint.signature.bytes, SIGNATURE_BYTES);
    return checkpoint;
}

/* --- The cluster as it is now ---------------------------------------------------------------- */

/*
 * Transactions below the snapshot's xmin have ended: no row can appear there any more. No row that
 * this cluster wrote has a transaction id at or above the snapshot's xmax.
 */
static const struct pg_statement audit_moment = {
    .name = "audit_moment",
    .sql =
        "SELECT (pg_control_system()).system_identifier AS system_id,"
        "   xid_number(pg_snapshot_xmin(pg_current_snapshot())) AS ended_xid,"
        "   EXISTS (SELECT FROM audit_log AS a"
        "       WHERE xid_number(a.xid) >= xid_number(pg_snapshot_xmax(pg_current_snapshot()))"
        "         AND a.audit_id > $1) AS foreign_rows"
};

const struct problem *store_audit_moment(struct ctx *ctx, int64_t floor_id,
                                         struct audit_moment *moment_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    struct pg_row row;

    pg_i64(&args, floor_id);                                /* $1 */
    pg_queue_one(ctx, &audit_moment, &args, &rows);
    TRY(pg_wait(ctx));
    row = pg_row_at(&rows, 0);
    *moment_out = (struct audit_moment) {
        .system_id = pg_row_i64(row, "system_id"),
        .ended_xid = pg_row_i64(row, "ended_xid"),
        .foreign_rows = pg_row_bool(row, "foreign_rows"),
    };
    return OK;
}

static const struct pg_statement audit_floor = {
    .name = "audit_floor",
    .sql = "SELECT coalesce(floor_id, 0) AS floor_id, from_xid FROM audit_floor()"
};

const struct problem *store_audit_floor(struct ctx *ctx, int64_t *floor_id_out,
                                        int64_t *from_xid_out)
{
    struct pg_args none = { 0 };
    struct pg_rows rows;

    pg_queue_one(ctx, &audit_floor, &none, &rows);
    TRY(pg_wait(ctx));
    *floor_id_out = pg_row_i64(pg_row_at(&rows, 0), "floor_id");
    *from_xid_out = pg_row_i64(pg_row_at(&rows, 0), "from_xid");
    return OK;
}

/* --- How far the next one may go ------------------------------------------------------------- */

#define PLACE " (xid_number(a.xid), a.audit_id)"

/* With fewer rows than the maximum, the range ends where transactions may still be writing. */
static const struct pg_statement audit_piece = {
    .name = "audit_piece",
    .sql =
        "WITH ended AS MATERIALIZED ("
        "   SELECT xid_number(pg_snapshot_xmin(pg_current_snapshot())) AS xmin),"
        " piece AS MATERIALIZED ("
        "   SELECT xid_number(a.xid) AS xid, a.audit_id AS id"
        "   FROM audit_log AS a"
        "   WHERE" PLACE " > ($1::bigint, $2::bigint)"
        "     AND xid_number(a.xid) < (SELECT xmin FROM ended) AND a.audit_id > $3"
        "   ORDER BY xid_number(a.xid), a.audit_id"
        "   LIMIT $4::bigint),"
        " last AS (SELECT xid, id FROM piece ORDER BY xid DESC, id DESC LIMIT 1)"
        " SELECT (SELECT count(*) FROM piece) AS row_count, (SELECT max(id) FROM piece) AS last_id,"
        "   CASE WHEN (SELECT count(*) FROM piece) < $4 THEN (SELECT xmin FROM ended)"
        "        ELSE (SELECT xid FROM last) END AS to_xid,"
        "   CASE WHEN (SELECT count(*) FROM piece) < $4 THEN 0"
        "        ELSE (SELECT id FROM last) END AS to_id"
};

static const struct pg_statement audit_floor_piece = {
    .name = "audit_floor_piece",
    .sql =
        "WITH piece AS MATERIALIZED ("
        "   SELECT a.audit_id AS id"
        "   FROM audit_log AS a"
        "   WHERE a.audit_id > $2::bigint AND a.audit_id <= $3::bigint"
        "   ORDER BY a.audit_id"
        "   LIMIT $4::bigint)"
        " SELECT count(*) AS row_count, max(id) AS last_id, $1::bigint AS to_xid,"
        "   CASE WHEN count(*) < $4 THEN $3 ELSE max(id) END AS to_id"
        " FROM piece"
};

static const struct problem *find_piece(struct ctx *ctx, const struct pg_statement *statement,
                                        struct audit_place from, int64_t floor_id,
                                        struct audit_piece *piece_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    struct pg_row row;

    pg_i64(&args, from.xid);                                /* $1 */
    pg_i64(&args, from.id);                                 /* $2 */
    pg_i64(&args, floor_id);                                /* $3 */
    pg_i64(&args, CHECKPOINT_ROWS_MAX);                     /* $4 */
    pg_queue_one(ctx, statement, &args, &rows);
    TRY(pg_wait(ctx));
    row = pg_row_at(&rows, 0);
    *piece_out = (struct audit_piece) {
        .row_count = pg_row_i64(row, "row_count"),
        .to = { pg_row_i64(row, "to_xid"), pg_row_i64(row, "to_id") },
        .last_id = pg_row_i64(row, "last_id"),
    };
    return OK;
}

const struct problem *store_audit_piece(struct ctx *ctx, struct audit_place from, int64_t floor_id,
                                        struct audit_piece *piece_out)
{
    return find_piece(ctx, &audit_piece, from, floor_id, piece_out);
}

const struct problem *store_audit_floor_piece(struct ctx *ctx, struct audit_place from,
                                              int64_t floor_id, struct audit_piece *piece_out)
{
    return find_piece(ctx, &audit_floor_piece, from, floor_id, piece_out);
}

/* --- What a checkpoint covers ---------------------------------------------------------------- */

/*
 * In the order of a checkpoint's tree. $5: the epoch's floor; $6: the greatest audit_id that a
 * finished epoch covered, because the next epoch's transactions may have the same ids.
 */
#define IN_ORDER \
    " ORDER BY coalesce(a.payment_id, '') COLLATE \"C\", coalesce(a.seq, a.audit_id), a.audit_id"
#define COVERED \
    " FROM audit_log AS a" \
    " WHERE" PLACE " > ($1::bigint, $2::bigint) AND" PLACE " <= ($3::bigint, $4::bigint)" \
    "   AND a.audit_id > $5::bigint AND a.audit_id <= $6::bigint" IN_ORDER
#define COVERED_OF_FLOOR \
    " FROM audit_log AS a" \
    " WHERE a.audit_id > $1::bigint AND a.audit_id <= $2::bigint" IN_ORDER
#define LEAF "SELECT encode(audit_leaf(a), 'hex') AS leaf"

static const struct pg_statement audit_leaves = {
    .name = "audit_leaves",
    .sql = LEAF COVERED
};
static const struct pg_statement audit_leaves_of_floor = {
    .name = "audit_leaves_of_floor",
    .sql = LEAF COVERED_OF_FLOOR
};
static const struct pg_statement audit_covered = {
    .name = "audit_covered",
    .sql = "SELECT" AUDIT_COLUMNS COVERED
};
static const struct pg_statement audit_covered_of_floor = {
    .name = "audit_covered_of_floor",
    .sql = "SELECT" AUDIT_COLUMNS COVERED_OF_FLOOR
};

static const struct problem *read_covered(struct ctx *ctx,
                                          const struct audit_checkpoint *checkpoint,
                                          int64_t until_id, const struct pg_statement *by_place,
                                          const struct pg_statement *of_floor,
                                          struct pg_rows *rows_out)
{
    bool floor = audit_checkpoint_is_of_floor(checkpoint);
    struct pg_args args = { 0 };

    if (!floor)
        pg_i64(&args, checkpoint->from.xid);                /* $1 */
    pg_i64(&args, checkpoint->from.id);                     /* $2; of the floor $1 */
    if (!floor)
        pg_i64(&args, checkpoint->to.xid);                  /* $3 */
    pg_i64(&args, checkpoint->to.id);                       /* $4; of the floor $2 */
    if (!floor)
        pg_i64(&args, checkpoint->floor_id);                /* $5 */
    if (!floor)
        pg_i64(&args, until_id);                            /* $6 */
    pg_queue_many(ctx, floor ? of_floor : by_place, &args, rows_out);
    return pg_wait(ctx);
}

const struct problem *store_audit_leaves(struct ctx *ctx, const struct audit_checkpoint *checkpoint,
                                         int64_t until_id, struct digest **leaves_out,
                                         int64_t *count_out)
{
    struct digest *leaves;
    struct pg_rows rows;

    TRY(read_covered(ctx, checkpoint, until_id, &audit_leaves, &audit_leaves_of_floor, &rows));
    leaves = arena_alloc(ctx->arena, (size_t) rows.count * sizeof(*leaves));
    for (int i = 0; i < rows.count; i++)
        read_hex(pg_row_at(&rows, i), "leaf", leaves[i].bytes, DIGEST_BYTES);
    *leaves_out = leaves;
    *count_out = rows.count;
    return OK;
}

const struct problem *store_audit_covered(struct ctx *ctx,
                                          const struct audit_checkpoint *checkpoint,
                                          int64_t until_id, struct audit_entry **entries_out,
                                          int64_t *count_out)
{
    struct pg_rows rows;

    TRY(read_covered(ctx, checkpoint, until_id, &audit_covered, &audit_covered_of_floor, &rows));
    *entries_out = row_audit_entries(ctx, &rows, rows.count);
    *count_out = rows.count;
    return OK;
}

static const struct pg_statement epoch_until = {
    .name = "epoch_until",
    .sql =
        "SELECT CASE WHEN EXISTS (SELECT FROM audit_checkpoints WHERE epoch > $1)"
        "   THEN (SELECT max(last_id) FROM audit_checkpoints WHERE epoch = $1) END AS until_id"
};

const struct problem *store_epoch_until(struct ctx *ctx, int64_t epoch, int64_t *until_id_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    int64_t until_id;

    pg_i64(&args, epoch);                                   /* $1 */
    pg_queue_one(ctx, &epoch_until, &args, &rows);
    TRY(pg_wait(ctx));
    until_id = pg_row_i64(pg_row_at(&rows, 0), "until_id");
    *until_id_out = until_id > 0 ? until_id : INT64_MAX;
    return OK;
}

/* --- What no checkpoint covers --------------------------------------------------------------- */

/* Rows of the floor, and rows of ended transactions after the last place. */
static const struct pg_statement audit_unsealed = {
    .name = "audit_unsealed",
    .sql =
        "SELECT count(*) AS rows, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        "   - min(unsealed.at_us) AS age_us"
        " FROM ("
        "   (SELECT a.at_us FROM audit_log AS a"
        "    WHERE $4::boolean AND a.audit_id > $2::bigint AND a.audit_id <= $3::bigint"
        "    ORDER BY a.audit_id LIMIT $5)"
        "   UNION ALL"
        "   (SELECT a.at_us FROM audit_log AS a"
        "    WHERE" PLACE " > ($1::bigint, $2::bigint) AND a.audit_id > $3"
        "      AND xid_number(a.xid) < xid_number(pg_snapshot_xmin(pg_current_snapshot()))"
        "    ORDER BY xid_number(a.xid), a.audit_id LIMIT $5)) AS unsealed"
};

const struct problem *store_audit_unsealed(struct ctx *ctx, const struct audit_checkpoint *last,
                                           int64_t *rows_out, int64_t *age_us_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, last->to.xid);                            /* $1 */
    pg_i64(&args, last->to.id);                             /* $2 */
    pg_i64(&args, last->floor_id);                          /* $3 */
    pg_bool(&args, audit_checkpoint_is_of_floor(last));     /* $4 */
    pg_i64(&args, UNSEALED_MAX);                            /* $5 */
    pg_queue_one(ctx, &audit_unsealed, &args, &rows);
    TRY(pg_wait(ctx));
    *rows_out = pg_row_i64(pg_row_at(&rows, 0), "rows");
    *age_us_out = pg_row_i64(pg_row_at(&rows, 0), "age_us");
    return OK;
}

/* An epoch's first checkpoint begins at the epoch's first transaction id. */
static const struct pg_statement audit_strays = {
    .name = "audit_strays",
    .sql =
        "SELECT EXISTS ("
        "   SELECT FROM audit_log AS a"
        "   WHERE a.audit_id > $2 AND xid_number(a.xid) < ("
        "       SELECT c.from_xid FROM audit_checkpoints AS c"
        "       WHERE c.epoch = $1"
        "       ORDER BY c.epoch, c.last_id"
        "       LIMIT 1)) AS found"
};

const struct problem *store_audit_strays(struct ctx *ctx, const struct audit_checkpoint *last,
                                         bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, last->epoch);                             /* $1 */
    pg_i64(&args, last->floor_id);                          /* $2 */
    pg_queue_one(ctx, &audit_strays, &args, &rows);
    TRY(pg_wait(ctx));
    *found_out = pg_row_bool(pg_row_at(&rows, 0), "found");
    return OK;
}

/* --- Writing and reading them ---------------------------------------------------------------- */

static const struct pg_statement checkpoint_insert = {
    .name = "checkpoint_insert",
    .sql =
        "INSERT INTO audit_checkpoints"
        "   (checkpoint_no, from_xid, to_xid, row_count, root, prev, hash, signature, made_at_ms,"
        "    form, epoch, system_id, floor_id, from_id, to_id, last_id, note)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
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
    pg_i64(&args, checkpoint->from.xid);                    /* $2 */
    pg_i64(&args, checkpoint->to.xid);                      /* $3 */
    pg_i64(&args, checkpoint->row_count);                   /* $4 */
    pg_digest(&args, &checkpoint->root);                    /* $5 */
    pg_digest(&args, &checkpoint->prev);                    /* $6 */
    pg_digest(&args, &checkpoint->hash);                    /* $7 */
    pg_bytes(&args, signature);                             /* $8 */
    pg_i64(&args, checkpoint->made_at_ms);                  /* $9 */
    pg_i64(&args, checkpoint->form);                        /* $10 */
    pg_i64(&args, checkpoint->epoch);                       /* $11 */
    pg_i64(&args, checkpoint->system_id);                   /* $12 */
    pg_i64(&args, checkpoint->floor_id);                    /* $13 */
    pg_i64(&args, checkpoint->from.id);                     /* $14 */
    pg_i64(&args, checkpoint->to.id);                       /* $15 */
    pg_i64(&args, checkpoint->last_id);                     /* $16 */
    pg_text(&args, checkpoint->note);                       /* $17 */
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

static const struct pg_statement checkpoints_with_note = {
    .name = "checkpoints_with_note",
    .sql =
        "SELECT" CHECKPOINT_COLUMNS
        " FROM audit_checkpoints"
        " WHERE checkpoint_no > $1 AND note <> ''"
        " ORDER BY checkpoint_no"
        " LIMIT $2"
};

static const struct pg_statement checkpoints_down_from = {
    .name = "checkpoints_down_from",
    .sql =
        "SELECT" CHECKPOINT_COLUMNS
        " FROM audit_checkpoints"
        " WHERE checkpoint_no <= $1"
        " ORDER BY checkpoint_no DESC"
        " LIMIT $2"
};

static const struct problem *read_checkpoints(struct ctx *ctx, const struct pg_statement *statement,
                                              int64_t number,
                                              struct audit_checkpoint *checkpoints_out,
                                              int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, number);                                  /* $1 */
    pg_i64(&args, CHECKPOINT_BATCH);                        /* $2 */
    pg_queue_many(ctx, statement, &args, &rows);
    TRY(pg_wait(ctx));
    for (int i = 0; i < rows.count; i++)
        checkpoints_out[i] = row_checkpoint(pg_row_at(&rows, i));
    *count_out = rows.count;
    return OK;
}

const struct problem *store_checkpoints_after(struct ctx *ctx, int64_t number,
                                              struct audit_checkpoint *checkpoints_out,
                                              int *count_out)
{
    return read_checkpoints(ctx, &checkpoints_after, number, checkpoints_out, count_out);
}

const struct problem *store_checkpoints_with_note(struct ctx *ctx, int64_t number,
                                                  struct audit_checkpoint *checkpoints_out,
                                                  int *count_out)
{
    return read_checkpoints(ctx, &checkpoints_with_note, number, checkpoints_out, count_out);
}

const struct problem *store_checkpoints_down_from(struct ctx *ctx, int64_t number,
                                                  struct audit_checkpoint *checkpoints_out,
                                                  int *count_out)
{
    return read_checkpoints(ctx, &checkpoints_down_from, number, checkpoints_out, count_out);
}

const struct pg_statement *const checkpoint_statements[] = {
    &audit_moment, &audit_floor, &audit_piece, &audit_floor_piece, &audit_leaves,
    &audit_leaves_of_floor, &audit_covered, &audit_covered_of_floor, &epoch_until,
    &audit_unsealed, &audit_strays,
    &checkpoint_insert, &checkpoints_after, &checkpoints_down_from, &checkpoints_with_note, NULL
};
