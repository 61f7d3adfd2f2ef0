#include "application/watch_providers.h"

#include "application/transaction.h"

static void probe(struct ctx *ctx, const struct provider *provider)
{
    struct provider_request request;
    struct provider_reply reply;

    provider->write_probe(ctx, &request);
    provider->call(ctx, provider, &request, &reply);    /* its circuit takes note */
}

static bool must_probe(const struct ctx *ctx, const struct provider_health *health)
{
    if (health->circuit_open)
        return health->retry_after_s == 0;
    return ctx->now_ms - health->called_at_ms >= PROVIDER_PROBE_MS;
}

static const struct problem *wake(struct ctx *ctx, void *argument)
{
    const struct provider *provider = argument;

    store_provider_is_back(ctx, provider->name, PROVIDER_BACK_SPREAD_MS);
    return OK;
}

static const struct problem *watch_one(struct ctx *ctx, const struct provider *provider,
                                       bool *was_open)
{
    struct provider_health health = provider->read_health(provider);

    if (must_probe(ctx, &health)) {
        *was_open |= health.circuit_open;
        probe(ctx, provider);
        health = provider->read_health(provider);
    }
    if (*was_open && !health.circuit_open)
        TRY(in_transaction(ctx, wake, (void *) provider));
    *was_open = health.circuit_open;
    return OK;
}

const struct problem *watch_providers(struct ctx *ctx, struct provider_watch *watch)
{
    for (int i = 0; i < HEALTH_PROVIDERS_MAX && ctx->providers[i] != NULL; i++)
        TRY(watch_one(ctx, ctx->providers[i], &watch->was_open[i]));
    return OK;
}
