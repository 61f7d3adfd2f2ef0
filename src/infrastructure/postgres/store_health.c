/* The health of the database: one read, one write that is undone, and the rounds of payapi-jobs. */
#include "application/store/store_health.h"

#include "application/store/store.h"
#include "infrastructure/clock.h"
#include "infrastructure/postgres/pg/statements.h"
#include "store_pg.h"

#define HEALTH_DEADLINE_MS 3000
#define REFUSAL_COUNTS_MS  15000        /* if nobody writes for so long, nobody knows any more */

/*
 * A COMMIT that waits for a synchronous standby shows as SyncRep. We are shown only our own role's
 * sessions, and only they matter. A round trip to the standby takes milliseconds.
 */
static const struct pg_statement read_health = {
    .name = "read_health",
    .sql =
        "SELECT ms(finished_at) AS round_at_ms, ms(clock_timestamp()) AS now_ms,"
        "   (SELECT count(*) FROM pg_stat_get_activity(NULL) AS a"
        "    WHERE a.wait_event = 'SyncRep'"
        "      AND a.query_start < clock_timestamp() - interval '2 seconds') AS commits_waiting,"
        "   (SELECT ms(p.planned_at) FROM webhook_planning AS p"
        "    WHERE p.only_row"
        "      AND EXISTS (SELECT FROM webhook_endpoints AS e WHERE e.status = 'enabled'))"
        "       AS planned_at_ms"
        " FROM job_rounds"
        " WHERE only_row"
};

static bool counts(int64_t refused_at_ms)
{
    int64_t age_ms = clock_monotonic_ms() - refused_at_ms;

    return refused_at_ms != 0 && age_ms >= 0 && age_ms < REFUSAL_COUNTS_MS;
}

const struct problem *store_read_health(struct ctx *ctx, struct store_health *health_out)
{
    const struct store_news *news = ctx->store->settings.news;
    int64_t sent_at_ms = clock_monotonic_ms();
    struct pg_args none = { 0 };
    struct pg_rows rows;
    struct pg_row row;

    pg_queue_one(ctx, &read_health, &none, &rows);
    TRY(pg_wait_within(ctx, HEALTH_DEADLINE_MS));
    row = pg_row_at(&rows, 0);
    *health_out = (struct store_health) {
        .latency_ms = clock_monotonic_ms() - sent_at_ms,
        .now_ms = pg_row_i64(row, "now_ms"),
        .round_at_ms = pg_row_i64(row, "round_at_ms"),
        .planned_at_ms = pg_row_i64(row, "planned_at_ms"),
        .commits_waiting = pg_row_i64(row, "commits_waiting"),
        .refuses_writes = news != NULL && counts(news->refused_at_ms),
    };
    return OK;
}

static const struct pg_statement round_done = {
    .name = "round_done",
    .sql = "UPDATE job_rounds SET finished_at = clock_timestamp() WHERE only_row"
};

const struct problem *store_round_done(struct ctx *ctx)
{
    struct pg_args none = { 0 };

    pg_queue_one(ctx, &round_done, &none, NULL);
    TRY(pg_wait(ctx));
    pg_note_write(ctx->store);
    return OK;
}

/*
 * Of other roles' sessions we see only that they exist. reserved_connections: since PostgreSQL 16.
 */
static const struct pg_statement read_room = {
    .name = "read_room",
    .sql =
        "SELECT current_setting('max_connections')::bigint"
        "   - current_setting('superuser_reserved_connections')::bigint"
        "   - coalesce(current_setting('reserved_connections', true), '0')::bigint"
        "   - (SELECT count(*) FROM pg_stat_get_activity(NULL) AS a"
        "      WHERE a.datid IS NOT NULL AND a.application_name IS DISTINCT FROM $1) AS room,"
        "   pg_backend_pid() AS backend"
};

const struct problem *store_room(struct ctx *ctx, int64_t *room_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, ctx->store->settings.application_name);      /* $1 */
    pg_queue_one(ctx, &read_room, &args, &rows);
    TRY(pg_wait(ctx));
    /* A pooler invents the process that we are told of, and needs no more room for more of us. */
    *room_out = pg_row_i64(pg_row_at(&rows, 0), "backend") != PQbackendPID(ctx->store->connection)
                    ? INT64_MAX : pg_row_i64(pg_row_at(&rows, 0), "room");
    return OK;
}

const struct pg_statement schema_version = {
    .name = "schema_version",
    .sql = "SELECT schema_version() AS schema_version"
};

static struct order probe_order(const struct ctx *ctx)
{
    struct order order = {
        .owner_id = "readiness",
        .amount = { 1, "USD" },
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "ord", order.id.text);
    return order;
}

static struct payment probe_payment(const struct ctx *ctx, const struct order *order)
{
    struct payment payment = {
        .order_id = order->id,
        .amount = order->amount,
        .provider = "stripe",
        .expires_at_ms = ctx->now_ms,
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "pay", payment.id.text);
    return payment;
}

/*
 * The steps of every payment: insert, then facts through the guard, then a row of its history.
 */
static void queue_probe(struct ctx *ctx)
{
    struct order order = probe_order(ctx);
    struct payment payment = probe_payment(ctx, &order);

    store_order_insert(ctx, &order);
    store_payment_insert(ctx, &payment);
    payment.facts.snapshot.progress = PROGRESS_OPENED;
    payment.status = payment_derive(&payment.facts, payment.amount.minor);
    store_payment_update(ctx, &payment);
    store_history_insert(ctx, &(struct change) {
        .order_id = order.id, .payment_id = payment.id, .action = "readiness",
        .body = bytes_of("{}"),
    });
}

const struct problem *store_check_writable(struct ctx *ctx)
{
    const struct problem *problem;
    struct pg_args none = { 0 };
    struct pg_rows version;

    store_begin(ctx);
    pg_queue_one(ctx, &schema_version, &none, &version);
    queue_probe(ctx);
    problem = pg_wait(ctx);
    store_rollback_if_open(ctx);
    TRY(problem);
    return pg_check_schema_version(ctx, &version);
}

/* Skips calls that are due or leased: somebody attends to them anyway. */
static const struct pg_statement calls_are_due = {
    .name = "calls_are_due",
    .sql =
        "UPDATE provider_calls"
        " SET next_at = least(next_at, now() + random() * $2::bigint * interval '1 millisecond')"
        " WHERE provider = $1 AND finished_at IS NULL AND next_at > now()"
        "   AND (lease_until IS NULL OR lease_until <= now())"
};

/* Only events whose payment must be asked about; the others wait for something else. */
static const struct pg_statement events_are_due = {
    .name = "events_are_due",
    .sql =
        "UPDATE webhook_events"
        " SET next_at = least(next_at, now() + random() * $2::bigint * interval '1 millisecond')"
        " WHERE provider = $1 AND status = 'received' AND payment_id IS NOT NULL"
        "   AND next_at > now()"
        "   AND (lease_until IS NULL OR lease_until <= now())"
};

static const struct pg_statement pull_is_due = {
    .name = "pull_is_due",
    .sql = "UPDATE provider_cursors SET next_at = now() WHERE provider = $1 AND next_at > now()"
};

void store_provider_is_back(struct ctx *ctx, const char *provider, int spread_ms)
{
    struct pg_args args = { 0 };

    pg_text(&args, provider);                               /* $1 */
    pg_i64(&args, spread_ms);                               /* $2 */
    pg_queue_any(ctx, &calls_are_due, &args);
    pg_queue_any(ctx, &events_are_due, &args);
    args.count = 1;
    pg_queue_any(ctx, &pull_is_due, &args);
}

const struct pg_statement *const health_statements[] = {
    &read_health, &round_done, &read_room, &calls_are_due, &events_are_due, &pull_is_due, NULL
};
