/* Comparisons, a row per provider and day: claimed, saved, ended and listed. */
#include "application/store/store_reconcile.h"

#include <assert.h>

#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

#define COPY(row, column, array) pg_row_copy((row), (column), (array), sizeof(array))

static const char *const step_names[] = {
    [STEP_CHARGES] = "charges", [STEP_REFUNDS] = "refunds", [STEP_DISPUTES] = "disputes",
    [STEP_OURS] = "ours",
};

/* --- A row --------------------------------------------------------------------------------- */

#define RUN_COLUMNS \
    " r.reconciliation_id, r.provider, ms(r.day::timestamp AT TIME ZONE 'UTC') AS day_ms," \
    " r.state, r.passes," \
    " r.book, r.page_after, r.compared, r.foreigners, r.unreadable, r.error," \
    " ms(r.started_at) AS started_at_ms, ms(r.finished_at) AS finished_at_ms, r.fence"
#define RUN_FINDINGS \
    " (SELECT count(*) FILTER (WHERE f.state = 'open') FROM reconciliation_findings AS f" \
    "  WHERE f.reconciliation_id = r.reconciliation_id) AS open," \
    " (SELECT count(*) FILTER (WHERE f.state = 'healed') FROM reconciliation_findings AS f" \
    "  WHERE f.reconciliation_id = r.reconciliation_id) AS healed," \
    " (SELECT count(*) FILTER (WHERE f.state = 'explained') FROM reconciliation_findings AS f" \
    "  WHERE f.reconciliation_id = r.reconciliation_id) AS explained"

static enum reconcile_step step_of(const char *name)
{
    enum reconcile_step at = STEP_CHARGES;

    while (strcmp(step_names[at], name) != 0) {
        assert(at < STEP_OURS);
        at++;
    }
    return at;
}

static enum reconcile_state state_of(const char *name)
{
    enum reconcile_state at = RECONCILE_WAITING;

    while (strcmp(reconcile_state_name(at), name) != 0) {
        assert(at < RECONCILE_DONE);
        at++;
    }
    return at;
}

static struct reconciliation row_run(struct pg_row row)
{
    struct reconciliation run = {
        .day_ms = pg_row_i64(row, "day_ms"),
        .state = state_of(pg_row_text(row, "state")),
        .passes = (int) pg_row_i64(row, "passes"),
        .step = step_of(pg_row_text(row, "book")),
        .compared = pg_row_i64(row, "compared"),
        .foreigners = pg_row_i64(row, "foreigners"),
        .unreadable = pg_row_i64(row, "unreadable"),
        .started_at_ms = pg_row_i64(row, "started_at_ms"),
        .finished_at_ms = pg_row_i64(row, "finished_at_ms"),
        .fence = pg_row_i64(row, "fence"),
        .open = pg_row_i64(row, "open"),
        .healed = pg_row_i64(row, "healed"),
        .explained = pg_row_i64(row, "explained"),
    };

    COPY(row, "reconciliation_id", run.id);
    COPY(row, "provider", run.provider);
    COPY(row, "page_after", run.page_after);
    COPY(row, "error", run.error);
    return run;
}

/* --- Days ---------------------------------------------------------------------------------- */

static const struct pg_statement reconcile_add = {
    .name = "reconcile_add",
    .sql =
        "INSERT INTO reconciliations (reconciliation_id, provider, day, created_at)"
        " SELECT $1, $2, (at_ms($3) AT TIME ZONE 'UTC')::date, at_ms($4)"
        " WHERE ($5 OR (SELECT p.created_at FROM payments AS p WHERE p.provider = $2"
        "               ORDER BY p.payment_id LIMIT 1) < at_ms($3) + interval '1 day')"
        "   AND NOT EXISTS (SELECT FROM reconciliations"
        "                   WHERE provider = $2 AND day = (at_ms($3) AT TIME ZONE 'UTC')::date)"
        " ON CONFLICT (provider, day) DO NOTHING"
};

void store_reconcile_add(struct ctx *ctx, const char *provider, int64_t day_ms, bool wanted)
{
    struct pg_args args = { 0 };
    char id[ID_TEXT_MAX];

    ctx_new_id(ctx, "rec", id);
    pg_text(&args, arena_strdup(ctx->arena, id));           /* $1 */
    pg_text(&args, provider);                               /* $2 */
    pg_i64(&args, day_ms);                                  /* $3 */
    pg_i64(&args, ctx->now_ms);                             /* $4 */
    pg_bool(&args, wanted);                                 /* $5 */
    pg_queue_any(ctx, &reconcile_add, &args);
}

/* A pass that starts anew resets the counts; one that is resumed keeps its place. */
#define CLAIM(restart) \
    "UPDATE reconciliations AS r" \
    " SET state = 'running', fence = r.fence + 1," \
    "     lease_until = now() + make_interval(secs => $1)," \
    "     error = NULL, finished_at = NULL," \
    "     passes = r.passes + (" restart ")::int," \
    "     started_at = CASE WHEN " restart " THEN now() ELSE r.started_at END," \
    "     book = CASE WHEN " restart " THEN 'charges' ELSE r.book END," \
    "     page_after = CASE WHEN " restart " THEN '' ELSE r.page_after END," \
    "     compared = CASE WHEN " restart " THEN 0 ELSE r.compared END," \
    "     foreigners = CASE WHEN " restart " THEN 0 ELSE r.foreigners END," \
    "     unreadable = CASE WHEN " restart " THEN 0 ELSE r.unreadable END"

/*
 * A comparison is due if it was never begun, was interrupted, or was begun before the day and its
 * delay were over; and for a week, once a day, if it has an open finding, which may have been
 * resolved meanwhile.
 */
static const struct pg_statement reconcile_claim_due = {
    .name = "reconcile_claim_due",
    .sql =
        "WITH due AS ("
        "   SELECT reconciliation_id FROM reconciliations"
        "   WHERE provider = $2 AND next_at <= now()"
        "     AND (lease_until IS NULL OR lease_until <= now())"
        "     AND day::timestamp AT TIME ZONE 'UTC' + make_interval(days => 1, secs => $3) <= now()"
        "     AND (state <> 'done'"
        "          OR started_at < day::timestamp AT TIME ZONE 'UTC'"
        "                           + make_interval(days => 1, secs => $3)"
        "          OR (finished_at < now() - interval '1 day' AND day >= now() - interval '8 days'"
        "              AND EXISTS (SELECT FROM reconciliation_findings AS f"
        "                          WHERE f.reconciliation_id = reconciliations.reconciliation_id"
        "                            AND f.state = 'open')))"
        "   ORDER BY day"
        "   LIMIT 1"
        "   FOR NO KEY UPDATE SKIP LOCKED)"
        CLAIM("r.state <> 'running'")
        " FROM due"
        " WHERE r.reconciliation_id = due.reconciliation_id"
        " RETURNING" RUN_COLUMNS ", 0 AS open, 0 AS healed, 0 AS explained"
};

static const struct pg_statement reconcile_claim = {
    .name = "reconcile_claim",
    .sql =
        CLAIM("($4 OR r.state <> 'running')")
        " WHERE r.provider = $2 AND r.day = (at_ms($3) AT TIME ZONE 'UTC')::date"
        "   AND (r.lease_until IS NULL OR r.lease_until <= now())"
        " RETURNING" RUN_COLUMNS ", 0 AS open, 0 AS healed, 0 AS explained"
};

static const struct problem *claim(struct ctx *ctx, const struct pg_statement *statement,
                                   const struct pg_args *args, struct reconciliation *run_out,
                                   bool *claimed_out)
{
    struct pg_rows rows;

    pg_queue_optional(ctx, statement, args, &rows);
    TRY(pg_wait(ctx));
    *claimed_out = rows.count == 1;
    if (*claimed_out)
        *run_out = row_run(pg_row_at(&rows, 0));
    return OK;
}

const struct problem *store_reconcile_claim_due(struct ctx *ctx, const char *provider, int delay_s,
                                                struct reconciliation *run_out, bool *claimed_out)
{
    struct pg_args args = { 0 };

    pg_i64(&args, RECONCILE_LEASE_S);                       /* $1 */
    pg_text(&args, provider);                               /* $2 */
    pg_i64(&args, delay_s);                                 /* $3 */
    return claim(ctx, &reconcile_claim_due, &args, run_out, claimed_out);
}

const struct problem *store_reconcile_claim(struct ctx *ctx, const char *provider, int64_t day_ms,
                                            bool restart, struct reconciliation *run_out,
                                            bool *claimed_out)
{
    struct pg_args args = { 0 };

    pg_i64(&args, RECONCILE_LEASE_S);                       /* $1 */
    pg_text(&args, provider);                               /* $2 */
    pg_i64(&args, day_ms);                                  /* $3 */
    pg_bool(&args, restart);                                /* $4 */
    return claim(ctx, &reconcile_claim, &args, run_out, claimed_out);
}

static const struct pg_statement reconcile_save = {
    .name = "reconcile_save",
    .sql =
        "WITH moved AS ("
        "   UPDATE reconciliations"
        "   SET book = $3, page_after = $4, compared = $5, foreigners = $6, unreadable = $7,"
        "       lease_until = now() + make_interval(secs => $8)"
        "   WHERE reconciliation_id = $1 AND fence = $2"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM moved"
};

void store_reconcile_save(struct ctx *ctx, const struct reconciliation *run)
{
    struct pg_args args = { 0 };

    pg_text(&args, run->id);                                /* $1 */
    pg_i64(&args, run->fence);                              /* $2 */
    pg_text(&args, step_names[run->step]);                  /* $3 */
    pg_text(&args, run->page_after);                        /* $4 */
    pg_i64(&args, run->compared);                           /* $5 */
    pg_i64(&args, run->foreigners);                         /* $6 */
    pg_i64(&args, run->unreadable);                         /* $7 */
    pg_i64(&args, RECONCILE_LEASE_S);                       /* $8 */
    pg_queue_one(ctx, &reconcile_save, &args, NULL);
}

static const struct pg_statement reconcile_end = {
    .name = "reconcile_end",
    .sql =
        "WITH ended AS ("
        "   UPDATE reconciliations"
        "   SET state = CASE WHEN $3 THEN 'done' ELSE 'running' END,"
        "       finished_at = CASE WHEN $3 THEN now() END,"
        "       error = $4, lease_until = NULL, next_at = now() + make_interval(secs => $5)"
        "   WHERE reconciliation_id = $1 AND fence = $2"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM ended"
};

static const struct pg_statement findings_close = {
    .name = "findings_close",
    .sql =
        "UPDATE reconciliation_findings"
        " SET state = 'healed', note = 'a later comparison did not find it any more',"
        "     changed_at = at_ms($3)"
        " WHERE reconciliation_id = $1 AND state = 'open' AND pass < $2"
};

void store_reconcile_end(struct ctx *ctx, const struct reconciliation *run, int due_in_s)
{
    struct pg_args args = { 0 };
    struct pg_args close = { 0 };

    pg_text(&args, run->id);                                /* $1 */
    pg_i64(&args, run->fence);                              /* $2 */
    pg_bool(&args, run->state == RECONCILE_DONE);           /* $3 */
    pg_text_or_null(&args, run->error);                     /* $4 */
    pg_i64(&args, due_in_s);                                /* $5 */
    pg_queue_one(ctx, &reconcile_end, &args, NULL);
    if (run->state != RECONCILE_DONE)
        return;
    pg_text(&close, run->id);                               /* $1 */
    pg_i64(&close, run->passes);                            /* $2 */
    pg_i64(&close, ctx->now_ms);                            /* $3 */
    pg_queue_any(ctx, &findings_close, &close);
}

/* --- For operators --------------------------------------------------------------------------- */

static const struct pg_statement reconciliations_list = {
    .name = "reconciliations_list",
    .sql =
        "SELECT" RUN_COLUMNS "," RUN_FINDINGS
        " FROM reconciliations AS r"
        " WHERE ($1::text IS NULL OR r.provider = $1)"
        "   AND ($2::text IS NULL OR r.reconciliation_id < $2)"
        " ORDER BY r.reconciliation_id DESC"
        " LIMIT $3"
};

const struct problem *store_reconciliations_list(struct ctx *ctx,
                                                 const struct reconciliation_query *query,
                                                 struct reconciliation_page *page_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, query->provider);                        /* $1 */
    pg_text(&args, query->after_id);                        /* $2 */
    pg_i64(&args, query->limit + 1);                        /* $3 */
    pg_queue_many(ctx, &reconciliations_list, &args, &rows);
    TRY(pg_wait(ctx));
    page_out->more = rows.count > query->limit;
    page_out->count = page_out->more ? query->limit : rows.count;
    page_out->runs = arena_alloc(ctx->arena, (size_t) (page_out->count + 1)
                                              * sizeof(struct reconciliation));
    for (int i = 0; i < page_out->count; i++)
        page_out->runs[i] = row_run(pg_row_at(&rows, i));
    return OK;
}

static const struct pg_statement reconciliation_find = {
    .name = "reconciliation_find",
    .sql =
        "SELECT" RUN_COLUMNS "," RUN_FINDINGS
        " FROM reconciliations AS r"
        " WHERE r.reconciliation_id = $1"
};

const struct problem *store_reconciliation_find(struct ctx *ctx, const char *id,
                                                struct reconciliation *run_out, bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id);                                     /* $1 */
    pg_queue_optional(ctx, &reconciliation_find, &args, &rows);
    TRY(pg_wait(ctx));
    *found_out = rows.count == 1;
    if (*found_out)
        *run_out = row_run(pg_row_at(&rows, 0));
    return OK;
}

const struct pg_statement *const reconcile_statements[] = {
    &reconcile_add, &reconcile_claim_due, &reconcile_claim, &reconcile_save, &reconcile_end,
    &findings_close, &reconciliations_list, &reconciliation_find, NULL
};
