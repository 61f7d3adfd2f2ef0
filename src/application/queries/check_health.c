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

static bool was_proved_lately(const struct ctx *ctx)
{
    int64_t age_ms = ctx->now_ms - *ctx->settings->ready_at_ms;

    return age_ms >= 0 && age_ms < READY_FOR_MS;
}

/* Anybody may ask, and the proof is a write, though one that is taken back. So it holds for a while. */
const struct problem *check_ready(struct ctx *ctx)
{
    if (was_proved_lately(ctx))
        return OK;
    TRY(store_check_writable(ctx));
    *ctx->settings->ready_at_ms = ctx->now_ms;
    return OK;
}
