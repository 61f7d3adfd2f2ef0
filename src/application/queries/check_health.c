#include "application/queries.h"

#include "application/provider.h"

/* From what is known in shared memory: nobody is asked. */
static void check_provider(const struct provider *provider, struct health *health)
{
    int at = health->provider_count++;

    health->providers[at].name = provider->name;
    health->providers[at].details = provider->read_health(provider);
    health->providers[at].status = HEALTH_OK;
    if (health->providers[at].details.circuit_open)
        health->providers[at].status = health->status = HEALTH_DEGRADED;
}

void check_health(struct ctx *ctx, struct health *health_out)
{
    struct health health = { .status = HEALTH_OK };

    for (const struct provider *const *each = ctx->providers;
         *each != NULL && health.provider_count < HEALTH_PROVIDERS_MAX; each++)
        check_provider(*each, &health);
    health.database_ok = store_ping(ctx, &health.database_ms) == OK;
    if (!health.database_ok)
        health.status = HEALTH_ERROR;
    *health_out = health;
}

const struct problem *check_ready(struct ctx *ctx)
{
    return store_check_writable(ctx);
}
