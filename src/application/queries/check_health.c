#include "application/queries.h"

/* Fewer silent calls than this say nothing about a provider. */
#define UNANSWERED_MIN 3

static enum health_status provider_health(const struct provider_statistics *statistics)
{
    bool silent = statistics->unanswered >= UNANSWERED_MIN
        && statistics->unanswered > statistics->answered;

    return silent ? HEALTH_DEGRADED : HEALTH_OK;
}

/* False when the database does not answer. */
static bool check_provider(struct ctx *ctx, const struct provider *provider, struct health *health)
{
    struct provider_statistics statistics;
    int at = health->provider_count;

    if (store_provider_statistics(ctx, provider->name, &statistics) != OK)
        return false;
    health->providers[at].name = provider->name;
    health->providers[at].status = provider_health(&statistics);
    if (health->providers[at].status != HEALTH_OK)
        health->status = HEALTH_DEGRADED;
    health->provider_count++;
    return true;
}

void check_health(struct ctx *ctx, struct health *health_out)
{
    struct health health = { .status = HEALTH_OK };

    health.database_ok = store_ping(ctx, &health.database_ms) == OK;
    for (const struct provider *const *each = ctx->providers;
         health.database_ok && *each != NULL && health.provider_count < HEALTH_PROVIDERS_MAX; each++)
        health.database_ok = check_provider(ctx, *each, &health);
    if (!health.database_ok)
        health.status = HEALTH_ERROR;
    *health_out = health;
}

const struct problem *check_ready(struct ctx *ctx)
{
    return store_check_writable(ctx);
}
