#include "application/store.h"

#include "infrastructure/clock.h"
#include "statements.h"

static const struct pg_statement ping = {
    .name = "ping",
    .sql = "SELECT 1 AS pong"
};

const struct problem *store_ping(struct ctx *ctx, int64_t *latency_ms_out)
{
    int64_t sent_at_ms = clock_monotonic_ms();
    struct pg_args none = { 0 };

    pg_queue_one(ctx, &ping, &none, NULL);
    TRY(pg_wait(ctx));
    *latency_ms_out = clock_monotonic_ms() - sent_at_ms;
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

/* The way of every payment: insert, then facts through the guard, then a link of the audit chain. */
static void queue_probe(struct ctx *ctx)
{
    struct order order = probe_order(ctx);
    struct payment payment = probe_payment(ctx, &order);

    store_order_insert(ctx, &order);
    store_payment_insert(ctx, &payment);
    payment.facts.snapshot.progress = PROGRESS_OPENED;
    payment.status = payment_derive(&payment.facts);
    store_payment_update(ctx, &payment);
    store_audit_insert(ctx, order.id, payment.id, "readiness", bytes_of("{}"));
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

static const struct pg_statement provider_statistics = {
    .name = "provider_statistics",
    .sql =
        "SELECT count(*) FILTER (WHERE verdict IN ('done', 'refused')) AS answered,"
        "       count(*) FILTER (WHERE verdict NOT IN ('done', 'refused')) AS unanswered"
        " FROM provider_calls"
        " WHERE provider = $1 AND recorded_at > now() - interval '5 minutes'"
};

const struct problem *store_provider_statistics(struct ctx *ctx, const char *provider,
                                                struct provider_statistics *statistics_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    struct pg_row row;

    pg_text(&args, provider);                               /* $1 */
    pg_queue_one(ctx, &provider_statistics, &args, &rows);
    TRY(pg_wait(ctx));
    row = pg_row_at(&rows, 0);
    statistics_out->answered = pg_row_i64(row, "answered");
    statistics_out->unanswered = pg_row_i64(row, "unanswered");
    return OK;
}

const struct pg_statement *const health_statements[] = {
    &ping, &schema_version, &provider_statistics, NULL
};
