/* The audit log: its rows, and its hash chains, one per payment, verified. */
#include "application/store/store_audit.h"

#include "audit_rows.h"
#include "infrastructure/postgres/pg/statements.h"

/* --- Rows ----------------------------------------------------------------------------------- */

static struct audit_entry row_entry(struct pg_row row)
{
    return (struct audit_entry) {
        .id = pg_row_i64(row, "audit_id"),
        .at_us = pg_row_i64(row, "at_us"),
        .seq = pg_row_i64(row, "seq"),
        .order_id = pg_row_text(row, "order_id"),
        .payment_id = pg_row_text(row, "payment_id"),
        .actor = pg_row_text(row, "actor"),
        .action = pg_row_text(row, "action"),
        .body = pg_row_text(row, "body"),
        .trace_id = pg_row_text(row, "trace_id"),
        .prev = pg_row_text(row, "prev"),
        .hash = pg_row_text(row, "hash"),
    };
}

struct audit_entry *row_audit_entries(struct ctx *ctx, const struct pg_rows *rows, int count)
{
    struct audit_entry *entries = arena_alloc(ctx->arena, (size_t) count * sizeof(*entries));

    for (int i = 0; i < count; i++)
        entries[i] = row_entry(pg_row_at(rows, i));
    return entries;
}

/* --- Chains ---------------------------------------------------------------------------------- */

/*
 * One statement, so that it checks one moment while others go on writing. computed is the hash of
 * the row's fields; expected_prev and expected_seq follow from the row before. The first fault that
 * applies names the finding. A head that differs from the last row shows that a tail was cut off.
 */
static const struct pg_statement chains_judge = {
    .name = "chains_judge",
    .sql =
        "WITH batch AS MATERIALIZED ("
        "   SELECT payment_id, order_id, coalesce(h.seq, 0) AS seq,"
        "      coalesce(h.hash, sha256('')) AS hash"
        "   FROM payments LEFT JOIN audit_heads AS h USING (payment_id)"
        "   WHERE payment_id > $1"
        "   ORDER BY payment_id"
        "   LIMIT $2),"
        " linked AS MATERIALIZED ("
        "   SELECT a.payment_id, a.seq, a.prev, a.hash,"
        "       a.order_id IS DISTINCT FROM b.order_id AS other_order,"
        "       lag(a.hash, 1, sha256(''::bytea)) OVER w AS expected_prev,"
        "       row_number() OVER w AS expected_seq,"
        "       sha256(a.prev || audit_text(a.payment_id, a.seq, a.at_us, a.actor, a.action,"
        "                                   a.body, a.trace_id)) AS computed"
        "   FROM batch AS b JOIN audit_log AS a USING (payment_id)"
        "   WINDOW w AS (PARTITION BY a.payment_id ORDER BY a.seq)),"
        " judged AS ("
        "   SELECT payment_id, seq,"
        "       CASE WHEN seq <> expected_seq THEN 'gap'"
        "            WHEN prev <> expected_prev THEN 'broken_link'"
        "            WHEN hash <> computed THEN 'altered'"
        "            WHEN other_order THEN 'other_order' END AS kind"
        "   FROM linked),"
        " tails AS ("
        "   SELECT b.payment_id, b.seq,"
        "       CASE WHEN b.seq = 0 AND last.seq IS NULL THEN 'no_history' ELSE 'head' END AS kind"
        "   FROM batch AS b LEFT JOIN LATERAL ("
        "       SELECT l.seq, l.hash FROM audit_log AS l WHERE l.payment_id = b.payment_id"
        "       ORDER BY l.seq DESC LIMIT 1) AS last ON true"
        "   WHERE coalesce(last.seq, 0) <> b.seq OR b.seq = 0"
        "      OR coalesce(last.hash, sha256(''::bytea)) <> b.hash),"
        " findings AS ("
        "   SELECT kind, payment_id, seq FROM judged WHERE kind IS NOT NULL"
        "   UNION ALL SELECT kind, payment_id, seq FROM tails"
        "   LIMIT $3)"
        " SELECT 'total' AS kind, max(payment_id) AS payment_id, 0 AS seq, count(*) AS chains,"
        "   (SELECT count(*) FROM linked) AS rows"
        " FROM batch"
        " UNION ALL"
        " SELECT kind, payment_id, seq, 0, 0 FROM findings"
};

static void read_batch(const struct pg_rows *rows, struct chain_batch *batch)
{
    struct pg_row total = pg_row_at(rows, 0);
    const char *last = pg_row_text(total, "payment_id");

    *batch = (struct chain_batch) {
        .last_payment_id = *last != '\0' ? last : NULL,
        .chains = pg_row_i64(total, "chains"),
        .rows = pg_row_i64(total, "rows"),
    };
    for (int i = 1; i < rows->count; i++) {
        struct pg_row row = pg_row_at(rows, i);

        batch->findings[batch->finding_count++] = (struct chain_finding) {
            pg_row_text(row, "kind"), pg_row_text(row, "payment_id"), pg_row_i64(row, "seq")
        };
    }
}

const struct problem *store_chains_judge(struct ctx *ctx, const char *after_payment_id,
                                         struct chain_batch *batch_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, after_payment_id);                       /* $1 */
    pg_i64(&args, CHAIN_BATCH);                             /* $2 */
    pg_i64(&args, CHAIN_FINDINGS_MAX);                      /* $3 */
    pg_queue_many(ctx, &chains_judge, &args, &rows);
    TRY(pg_wait(ctx));
    read_batch(&rows, batch_out);
    return OK;
}

static const struct pg_statement audit_claim = {
    .name = "audit_claim",
    .sql = "SELECT pg_try_advisory_xact_lock(hashtext('payapi audit verify')) AS claimed"
};

const struct problem *store_audit_claim(struct ctx *ctx, bool *claimed_out)
{
    struct pg_args none = { 0 };
    struct pg_rows rows;

    transaction_plan_anew(ctx);         /* for the batches of the verification */
    pg_queue_one(ctx, &audit_claim, &none, &rows);
    TRY(pg_wait(ctx));
    *claimed_out = pg_row_bool(pg_row_at(&rows, 0), "claimed");
    return OK;
}

const struct pg_statement *const audit_statements[] = {
    &chains_judge, &audit_claim, NULL
};
