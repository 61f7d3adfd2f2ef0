/* The cursor over a provider's events, payments to look at, and data kept for a limited time. */
#include "application/store/store_missed.h"

#include "application/inbox/pull_events.h"
#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

/* --- The cursor over a provider's events ------------------------------------------------------ */

#define FIRST_TIME_BACK "interval '1 hour'"

static const struct pg_statement pull_begin = {
    .name = "pull_begin",
    .sql =
        "INSERT INTO provider_cursors (provider, pulled_to_s)"
        " SELECT $1, ms(least(now() - " FIRST_TIME_BACK ","
        "    (SELECT min(created_at) FROM payments WHERE provider_open AND provider = $1))) / 1000"
        " WHERE NOT EXISTS (SELECT FROM provider_cursors WHERE provider = $1)"
        " ON CONFLICT (provider) DO NOTHING"
};

static const struct pg_statement pull_claim = {
    .name = "pull_claim",
    .sql =
        "UPDATE provider_cursors"
        " SET fence = fence + 1, lease_until = now() + make_interval(secs => $3)"
        " WHERE provider = $1 AND ($2 OR next_at <= now())"
        "   AND (lease_until IS NULL OR lease_until <= now())"
        " RETURNING fence, pulled_to_s, sweep_from_s, sweep_to_s, page_after, sweep_is_deep,"
        "    deep_due_at <= now() AS deep_is_due"
};

const struct problem *store_pull_claim(struct ctx *ctx, const char *provider, bool now,
                                       struct pull_cursor *cursor_out, bool *claimed_out)
{
    struct pg_args begin = { 0 };
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&begin, provider);                                  /* $1 */
    pg_queue_any(ctx, &pull_begin, &begin);
    pg_text(&args, provider);                                   /* $1 */
    pg_bool(&args, now);                                        /* $2 */
    pg_i64(&args, PULL_LEASE_S);                                /* $3 */
    pg_queue_optional(ctx, &pull_claim, &args, &rows);
    TRY(pg_wait(ctx));
    *claimed_out = rows.count == 1;
    if (*claimed_out) {
        struct pg_row row = pg_row_at(&rows, 0);

        *cursor_out = (struct pull_cursor) {
            .provider = provider,
            .fence = pg_row_i64(row, "fence"),
            .pulled_to_s = pg_row_i64(row, "pulled_to_s"),
            .sweep_from_s = pg_row_i64(row, "sweep_from_s"),
            .sweep_to_s = pg_row_i64(row, "sweep_to_s"),
            .page_after = pg_row_text(row, "page_after"),
            .sweep_is_deep = pg_row_bool(row, "sweep_is_deep"),
            .deep_is_due = pg_row_bool(row, "deep_is_due"),
        };
    }
    return OK;
}

/* $7 null: the lease is renewed. $9 and not $10: a deep sweep has come to its end. */
static const struct pg_statement pull_move = {
    .name = "pull_move",
    .sql =
        "WITH moved AS ("
        "   UPDATE provider_cursors"
        "   SET pulled_to_s = $3, sweep_from_s = $4, sweep_to_s = $5, page_after = $6,"
        "       lease_until = now() + make_interval(secs =>"
        "           CASE WHEN $7::bigint IS NULL THEN $8 ELSE 0 END),"
        "       next_at = coalesce(now() + make_interval(secs => $7), next_at), sweep_is_deep = $9,"
        "       deep_due_at = CASE WHEN $9 AND NOT $10 AND deep_due_at <= now()"
        "                          THEN now() + make_interval(secs => $11) ELSE deep_due_at END"
        "   WHERE provider = $1 AND fence = $2"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM moved"
};

static void queue_move(struct ctx *ctx, const struct pull_cursor *cursor, const int *due_in_s)
{
    struct pg_args args = { 0 };

    pg_text(&args, cursor->provider);                           /* $1 */
    pg_i64(&args, cursor->fence);                               /* $2 */
    pg_i64(&args, cursor->pulled_to_s);                         /* $3 */
    pg_i64(&args, cursor->sweep_from_s);                        /* $4 */
    pg_i64(&args, cursor->sweep_to_s);                          /* $5 */
    pg_text(&args, cursor->page_after);                         /* $6 */
    if (due_in_s != NULL)
        pg_i64(&args, *due_in_s);                               /* $7 */
    else
        pg_text(&args, NULL);
    pg_i64(&args, PULL_LEASE_S);                                /* $8 */
    pg_bool(&args, cursor->sweep_is_deep);                      /* $9 */
    pg_bool(&args, cursor->deep_is_due);                        /* $10 */
    pg_i64(&args, PULL_DEEP_EVERY_S);                           /* $11 */
    pg_queue_one(ctx, &pull_move, &args, NULL);
}

void store_pull_renew(struct ctx *ctx, const struct pull_cursor *cursor)
{
    queue_move(ctx, cursor, NULL);
}

void store_pull_end(struct ctx *ctx, const struct pull_cursor *cursor, int due_in_s)
{
    queue_move(ctx, cursor, &due_in_s);
}

/* --- Looking again ---------------------------------------------------------------------------- */

/* The longer nothing happens, the rarer the look. Open calls are asked about anyway. */
static const struct pg_statement due_looks = {
    .name = "due_looks",
    .sql =
        "WITH waiting AS ("
        "   SELECT payment_id, created_at AS since"
        "   FROM payments"
        "   WHERE $2 AND provider = $1 AND provider_open AND expires_at >= now()"
        "   UNION ALL"
        "   SELECT payment_id, max(created_at)"
        "   FROM refunds"
        "   WHERE provider = $1 AND status IN ('pending', 'requires_action')"
        "     AND provider_ref IS NOT NULL"
        "   GROUP BY payment_id),"
        " due AS ("
        "   SELECT p.payment_id"
        "   FROM payments AS p JOIN waiting AS w USING (payment_id)"
        "   WHERE greatest(p.looked_at, w.since)"
        "         + CASE WHEN now() - w.since < interval '5 min' THEN interval '1 min'"
        "                WHEN now() - w.since < interval '20 min' THEN interval '5 min'"
        "                WHEN now() - w.since < interval '80 min' THEN interval '15 min'"
        "                ELSE interval '1 hour' END <= now()"
        "     AND NOT EXISTS (SELECT FROM provider_calls AS c"
        "                     WHERE c.payment_id = p.payment_id AND c.finished_at IS NULL)"
        "   ORDER BY p.looked_at NULLS FIRST"
        "   LIMIT $3"
        "   FOR NO KEY UPDATE OF p SKIP LOCKED)"
        " UPDATE payments AS p"
        " SET looked_at = now()"
        " FROM due"
        " WHERE p.payment_id = due.payment_id"
        " RETURNING p.payment_id"
};

const struct problem *store_due_looks(struct ctx *ctx, const char *provider, bool open_too,
                                      struct payment_id ids_out[JOBS_BATCH_MAX], int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, provider);                                   /* $1 */
    pg_bool(&args, open_too);                                   /* $2 */
    pg_i64(&args, JOBS_BATCH_MAX);                              /* $3 */
    pg_queue_many(ctx, &due_looks, &args, &rows);
    TRY(pg_wait(ctx));
    for (int i = 0; i < rows.count; i++)
        pg_row_copy(pg_row_at(&rows, i), "payment_id", ids_out[i].text, sizeof(ids_out[i].text));
    *count_out = rows.count;
    return OK;
}

/* --- Limited retention ------------------------------------------------------------------------ */

static const struct pg_statement purge_bodies = {
    .name = "purge_bodies",
    .sql = "SELECT purge_webhook_bodies($1, $2) AS count"
};

static const struct pg_statement purge_keys = {
    .name = "purge_keys",
    .sql = "SELECT purge_idempotency_keys($1, $2) AS count"
};

static const struct pg_statement purge_deliveries = {
    .name = "purge_deliveries",
    .sql = "SELECT purge_deliveries($1, $2) AS count"
};

static const struct problem *purge(struct ctx *ctx, const struct pg_statement *statement, int age,
                                   int64_t *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, age);                                         /* $1 */
    pg_i64(&args, PURGE_BATCH);                                 /* $2 */
    pg_queue_one(ctx, statement, &args, &rows);
    TRY(pg_wait(ctx));
    *count_out = pg_row_i64(pg_row_at(&rows, 0), "count");
    return OK;
}

const struct problem *store_purge_bodies(struct ctx *ctx, int older_than_days, int64_t *count_out)
{
    return purge(ctx, &purge_bodies, older_than_days, count_out);
}

const struct problem *store_purge_keys(struct ctx *ctx, int older_than_h, int64_t *count_out)
{
    return purge(ctx, &purge_keys, older_than_h, count_out);
}

const struct problem *store_purge_deliveries(struct ctx *ctx, int older_than_days,
                                             int64_t *count_out)
{
    return purge(ctx, &purge_deliveries, older_than_days, count_out);
}

const struct pg_statement *const missed_statements[] = {
    &pull_begin, &pull_claim, &pull_move, &due_looks, &purge_bodies, &purge_keys,
    &purge_deliveries, NULL
};
