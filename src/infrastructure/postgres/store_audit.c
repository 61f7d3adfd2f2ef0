/* The audit log: its rows, and the history of each payment checked. */
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
        .event_id = pg_row_text(row, "event_id"),
        .event_type = pg_row_text(row, "event_type"),
    };
}

struct audit_entry *row_audit_entries(struct ctx *ctx, const struct pg_rows *rows, int count)
{
    struct audit_entry *entries = arena_alloc(ctx->arena, (size_t) count * sizeof(*entries));

    for (int i = 0; i < count; i++)
        entries[i] = row_entry(pg_row_at(rows, i));
    return entries;
}

/* --- The history of each payment -------------------------------------------------------------- */

/*
 * One statement, so that it checks one moment while others go on writing. The payment's status
 * differs from the last one in its history when the history's tail was cut off. body is searched
 * as text: whoever changed a row need not have left JSON there.
 */
static const struct pg_statement histories_judge = {
    .name = "histories_judge",
    .sql =
        "WITH batch AS MATERIALIZED ("
        "   SELECT payment_id, order_id, status FROM payments"
        "   WHERE payment_id > $1"
        "   ORDER BY payment_id"
        "   LIMIT $2),"
        " told AS MATERIALIZED ("
        "   SELECT a.payment_id, a.seq, row_number() OVER (p ORDER BY a.seq) AS expected_seq,"
        "       a.order_id IS DISTINCT FROM b.order_id"
        "           AND NOT bool_or(a.action = 'attached') OVER p AS other_order,"
        "       CASE WHEN a.action = 'status'"
        "            THEN substring(a.body FROM '\"to\":\"([^\"]*)\"') END AS status"
        "   FROM batch AS b JOIN audit_log AS a USING (payment_id)"
        "   WINDOW p AS (PARTITION BY a.payment_id)),"
        " judged AS ("
        "   SELECT payment_id, seq,"
        "       CASE WHEN seq <> expected_seq THEN 'gap'"
        "            WHEN other_order THEN 'other_order' END AS kind"
        "   FROM told),"
        " ends AS ("
        "   SELECT payment_id, max(seq) AS seq,"
        "       (array_agg(status ORDER BY seq DESC)"
        "           FILTER (WHERE status IS NOT NULL))[1] AS status"
        "   FROM told"
        "   GROUP BY payment_id),"
        " tails AS ("
        "   SELECT b.payment_id, coalesce(e.seq, 0) AS seq,"
        "       CASE WHEN e.seq IS NULL THEN 'no_history'"
        "            WHEN coalesce(e.status, 'pending') <> b.status THEN 'tail' END AS kind"
        "   FROM batch AS b LEFT JOIN ends AS e USING (payment_id)),"
        " findings AS ("
        "   SELECT kind, payment_id, seq FROM judged WHERE kind IS NOT NULL"
        "   UNION ALL SELECT kind, payment_id, seq FROM tails WHERE kind IS NOT NULL"
        "   LIMIT $3)"
        " SELECT 'total' AS kind, max(payment_id) AS payment_id, 0 AS seq, count(*) AS payments,"
        "   (SELECT count(*) FROM told) AS rows"
        " FROM batch"
        " UNION ALL"
        " SELECT kind, payment_id, seq, 0, 0 FROM findings"
};

static void read_batch(const struct pg_rows *rows, struct history_batch *batch)
{
    struct pg_row total = pg_row_at(rows, 0);
    const char *last = pg_row_text(total, "payment_id");

    *batch = (struct history_batch) {
        .last_payment_id = *last != '\0' ? last : NULL,
        .payments = pg_row_i64(total, "payments"),
        .rows = pg_row_i64(total, "rows"),
    };
    for (int i = 1; i < rows->count; i++) {
        struct pg_row row = pg_row_at(rows, i);

        batch->findings[batch->finding_count++] = (struct history_finding) {
            pg_row_text(row, "kind"), pg_row_text(row, "payment_id"), pg_row_i64(row, "seq")
        };
    }
}

const struct problem *store_histories_judge(struct ctx *ctx, const char *after_payment_id,
                                            struct history_batch *batch_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, after_payment_id);                       /* $1 */
    pg_i64(&args, HISTORY_BATCH);                           /* $2 */
    pg_i64(&args, HISTORY_FINDINGS_MAX);                    /* $3 */
    pg_queue_many(ctx, &histories_judge, &args, &rows);
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
    &histories_judge, &audit_claim, NULL
};
