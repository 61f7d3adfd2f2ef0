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
    payment.status = payment_derive(&payment.facts, payment.amount.minor);
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

/* Not what somebody is about to do anyway. */
static const struct pg_statement calls_are_due = {
    .name = "calls_are_due",
    .sql =
        "UPDATE provider_calls"
        " SET next_at = least(next_at, now() + random() * $2::bigint * interval '1 millisecond')"
        " WHERE provider = $1 AND finished_at IS NULL AND next_at > now()"
        "   AND (lease_until IS NULL OR lease_until <= now())"
};

/* Those whose payment must be asked about; the others wait for something else. */
static const struct pg_statement events_are_due = {
    .name = "events_are_due",
    .sql =
        "UPDATE webhook_events"
        " SET next_at = least(next_at, now() + random() * $2::bigint * interval '1 millisecond')"
        " WHERE provider = $1 AND status = 'received' AND payment_id IS NOT NULL AND next_at > now()"
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
    &ping, &calls_are_due, &events_are_due, &pull_is_due, NULL
};
