/* What waits in the database: counts and ages, in one statement. */
#include "application/store/store_gauges.h"

#include "infrastructure/postgres/pg/statements.h"

#define AGE_S(time) "coalesce(greatest(extract(epoch FROM now() - min(" time ")), 0), 0)"

/* The status as a constant, for the partial index. */
#define OPEN(status) \
    "(SELECT count(*) FROM (SELECT FROM payments WHERE status = '" status "'" \
    "                       LIMIT 100000) AS open)"

/* Counts end at 100,000: more is told as well by that. */
static const struct pg_statement gauges = {
    .name = "gauges",
    .sql =
        "SELECT name, label, value::bigint AS value FROM ("
        "   SELECT 'payments_open' AS name, 'pending' AS label, " OPEN("pending") " AS value"
        "   UNION ALL"
        "   SELECT 'payments_open', 'processing', " OPEN("processing")
        "   UNION ALL"
        "   SELECT 'payments_open', 'requires_action', " OPEN("requires_action")
        "   UNION ALL"
        "   SELECT 'payments_need_review', '', count(*) FROM payments WHERE needs_review"
        "   UNION ALL"
        "   SELECT unnest(ARRAY['provider_calls_open', 'provider_calls_open_oldest_age_seconds',"
        "                       'recovery_due']), '',"
        "       unnest(ARRAY[count(*), " AGE_S("started_at") ","
        "                    count(*) FILTER (WHERE next_at < now())])"
        "   FROM provider_calls WHERE finished_at IS NULL"
        "   UNION ALL"
        "   SELECT unnest(ARRAY['inbox_waiting', 'inbox_oldest_age_seconds']), '',"
        "       unnest(ARRAY[count(*), " AGE_S("received_at") "])"
        "   FROM webhook_events WHERE status = 'received'"
        "   UNION ALL"
        "   SELECT 'inbox_dead', '', count(*) FROM webhook_events WHERE status = 'dead'"
        "   UNION ALL"
        "   SELECT unnest(ARRAY['deliveries_due', 'delivery_oldest_age_seconds']), '',"
        "       unnest(ARRAY[count(*), " AGE_S("next_at") "])"
        "   FROM (SELECT d.next_at FROM webhook_endpoints AS e"
        "           JOIN webhook_deliveries AS d USING (endpoint_id)"
        "         WHERE e.status = 'enabled' AND d.status IN ('pending', 'sending')"
        "           AND d.next_at < now()"
        "         LIMIT 100000) AS due"
        "   UNION ALL"
        "   SELECT 'webhook_endpoints_disabled', r.reason,"
        "       (SELECT count(*) FROM webhook_endpoints AS e"
        "        WHERE e.status = 'disabled' AND e.disabled_reason = r.reason)"
        "   FROM unnest(ARRAY['asked', 'gone', 'failing']) AS r (reason)"
        "   UNION ALL"
        "   SELECT 'audit_unsealed_oldest_age_seconds', '',"
        "       coalesce(greatest(extract(epoch FROM now()) - min(a.at_us) / 1000000, 0), 0)"
        "   FROM (SELECT to_xid, to_id FROM audit_checkpoints"
        "         ORDER BY checkpoint_no DESC LIMIT 1) AS c"
        "       CROSS JOIN LATERAL ("
        "           SELECT at_us FROM audit_log"
        "           WHERE (xid_number(xid), audit_id) > (c.to_xid, c.to_id)"
        "           ORDER BY xid_number(xid), audit_id LIMIT 1) AS a"
        "   UNION ALL"
        "   SELECT 'reconciliation_findings_open', '', count(*)"
        "   FROM reconciliation_findings WHERE state = 'open'"
        ") AS all_of_them"
};

const struct problem *store_gauges(struct ctx *ctx, struct gauge **gauges_out, int *count_out)
{
    struct pg_args none = { 0 };
    struct pg_rows rows;

    pg_queue_many(ctx, &gauges, &none, &rows);
    TRY(pg_wait(ctx));
    *count_out = rows.count;
    *gauges_out = arena_alloc(ctx->arena, (size_t) rows.count * sizeof(**gauges_out));
    for (int i = 0; i < rows.count; i++) {
        struct pg_row row = pg_row_at(&rows, i);

        (*gauges_out)[i] = (struct gauge) { pg_row_text(row, "name"), pg_row_text(row, "label"),
                                            pg_row_i64(row, "value") };
    }
    return OK;
}

const struct pg_statement *const gauge_statements[] = { &gauges, NULL };
