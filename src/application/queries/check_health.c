/* Checks providers, database, jobs and deliveries, and logs each change once. */
#include "application/queries.h"

#include "application/provider.h"
#include "base/log.h"

/* --- Providers ----------------------------------------------------------------------------- */

static bool is_unwell(const struct provider_health *health)
{
    return health->circuit_open || health->failing;
}

static const char *reason_of(struct ctx *ctx, const struct provider_health *health,
                             const char *calls)
{
    int status = health->failed_status;

    if (status == 401 || status == 403)
        return arena_printf(ctx->arena, "it refuses our key (HTTP %d) for %s", status, calls);
    if (status != 0)
        return arena_printf(ctx->arena, "it answers HTTP %d to %s", status, calls);
    return arena_printf(ctx->arena, "it does not answer %s", calls);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static struct provider_health add_up(const struct provider_health *a,
                                     const struct provider_health *b)
{
    return (struct provider_health) {
        .circuit_open = a->circuit_open || b->circuit_open,
        .failing = a->failing || b->failing,
        .retry_after_s = a->retry_after_s > b->retry_after_s ? a->retry_after_s : b->retry_after_s,
        .answered = a->answered + b->answered,
        .failed = a->failed + b->failed,
        .answered_at_ms = later(a->answered_at_ms, b->answered_at_ms),
        .called_at_ms = later(a->called_at_ms, b->called_at_ms),
    };
}

/* Reads shared memory only: no provider is asked. */
static void check_provider(struct ctx *ctx, const struct provider *provider, struct health *health)
{
    struct provider_health writes = provider->read_health(provider, PROVIDER_WRITES);
    struct provider_health reads = provider->read_health(provider, PROVIDER_READS);
    int at = health->provider_count++;

    health->providers[at].name = provider->name;
    health->providers[at].details = add_up(&writes, &reads);
    health->providers[at].reason = "";
    health->providers[at].status = HEALTH_DEGRADED;
    if (is_unwell(&writes))
        health->providers[at].reason = reason_of(ctx, &writes, "checkouts and refunds");
    else if (is_unwell(&reads))
        health->providers[at].reason = reason_of(ctx, &reads, "questions");
    else
        health->providers[at].status = HEALTH_OK;
}

/* --- Database and payapi-jobs -------------------------------------------------------------- */

static void check_jobs(struct ctx *ctx, const struct store_health *found, struct health *health)
{
    int64_t silent_ms = found->now_ms - found->round_at_ms;

    health->jobs.round_at_ms = found->round_at_ms;
    if (silent_ms <= JOBS_SILENT_MS)
        return;
    health->jobs.status = HEALTH_DEGRADED;
    health->jobs.reason = found->round_at_ms == 0
                              ? "payapi-jobs has never run"
                              : arena_printf(ctx->arena,
                                             "payapi-jobs has got nothing done for %lld s",
                                             (long long) silent_ms / 1000);
}

static void check_deliveries(struct ctx *ctx, const struct store_health *found,
                             struct health *health)
{
    int64_t silent_ms = found->now_ms - found->planned_at_ms;

    health->deliveries.planned_at_ms = found->planned_at_ms;
    if (found->planned_at_ms == 0 || silent_ms <= DELIVER_SILENT_MS)
        return;
    health->deliveries.status = HEALTH_DEGRADED;
    health->deliveries.reason = arena_printf(ctx->arena,
                                             "payapi-deliver has not looked for events for %lld s",
                                             (long long) silent_ms / 1000);
}

static void check_database(struct ctx *ctx, struct health *health)
{
    struct store_health found;
    const struct problem *problem = store_read_health(ctx, &found);

    if (problem != OK) {
        health->database.status = HEALTH_ERROR;
        health->database.reason = problem->type == PROBLEM_DATABASE_UNAVAILABLE
            ? "it does not answer" : "schema and program do not match";
        health->jobs.status = HEALTH_DEGRADED;
        health->jobs.reason = "unknown without the database";
        health->deliveries.status = HEALTH_DEGRADED;
        health->deliveries.reason = "unknown without the database";
        return;
    }
    health->database.latency_ms = found.latency_ms;
    check_jobs(ctx, &found, health);
    check_deliveries(ctx, &found, health);
    if (found.commits_waiting > 0)
        health->database.reason = "commits wait for a synchronous standby";
    else if (found.refuses_writes)
        health->database.reason = "it refuses to write: disk full, or read-only";
    if (health->database.reason[0] != '\0')
        health->database.status = HEALTH_ERROR;
}

/* --- Logging changes ----------------------------------------------------------------------- */

/* A part's bit changes only once, whichever process sees the change first. */
static bool is_news(atomic_uint *told, unsigned bit, bool unwell)
{
    unsigned before = unwell ? atomic_fetch_or(told, bit) : atomic_fetch_and(told, ~bit);

    return ((before & bit) != 0) != unwell;
}

static void tell(struct ctx *ctx, unsigned bit, const char *part, enum health_status status,
                 const char *reason)
{
    atomic_uint *told = ctx->settings->health_told;

    if (told == NULL || !is_news(told, bit, status != HEALTH_OK))
        return;
    log_event(status == HEALTH_OK ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
              status == HEALTH_OK ? "health_restored" : "health_lost",
              LOG_TEXT("traceId", ctx->trace_id), LOG_TEXT("part", part),
              LOG_TEXT("cause", reason));
}

static void tell_all(struct ctx *ctx, const struct health *health)
{
    tell(ctx, 1, "database", health->database.status, health->database.reason);
    if (health->database.status == HEALTH_OK) {
        tell(ctx, 2, "jobs", health->jobs.status, health->jobs.reason);
        tell(ctx, 4, "deliveries", health->deliveries.status, health->deliveries.reason);
    }
    for (int i = 0; i < health->provider_count; i++)
        tell(ctx, 8U << i, health->providers[i].name, health->providers[i].status,
             health->providers[i].reason);
}

/* --- All together -------------------------------------------------------------------------- */

static void worsen(enum health_status *status, enum health_status part)
{
    if (part > *status)
        *status = part;
}

void check_health(struct ctx *ctx, struct health *health_out)
{
    struct health health = { .database.reason = "", .jobs.reason = "",
                             .deliveries.reason = "" };

    for (const struct provider *const *each = ctx->providers;
         *each != NULL && health.provider_count < PROVIDERS_MAX; each++)
        check_provider(ctx, *each, &health);
    check_database(ctx, &health);
    worsen(&health.status, health.database.status);
    worsen(&health.status, health.jobs.status);
    worsen(&health.status, health.deliveries.status);
    for (int i = 0; i < health.provider_count; i++)
        worsen(&health.status, health.providers[i].status);
    tell_all(ctx, &health);
    *health_out = health;
}

static bool was_proved_lately(const struct ctx *ctx)
{
    int64_t age_ms = ctx->now_ms - *ctx->settings->ready_at_ms;

    return age_ms >= 0 && age_ms < READY_FOR_MS;
}

/*
 * Anybody may ask, and the proof is a write, though one that is rolled back. So a proof holds for a
 * while.
 */
const struct problem *check_ready(struct ctx *ctx)
{
    if (was_proved_lately(ctx))
        return OK;
    TRY(store_check_writable(ctx));
    *ctx->settings->ready_at_ms = ctx->now_ms;
    return OK;
}
