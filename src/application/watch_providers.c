/* Watches whether each provider answers, and makes waiting work due when one is back. */
#include "application/watch_providers.h"

#include "application/transaction.h"

/* The health of one provider, in each direction. */
struct sight {
    struct provider_health of[PROVIDER_DIRECTIONS];
};

static struct sight look_at(const struct provider *provider)
{
    struct sight sight;

    for (int i = 0; i < PROVIDER_DIRECTIONS; i++)
        sight.of[i] = provider->read_health(provider, (enum provider_direction) i);
    return sight;
}

static void probe(struct ctx *ctx, const struct provider *provider,
                  enum provider_direction direction)
{
    struct provider_request request;
    struct provider_reply reply;

    provider->write_probe(ctx, direction, &request);
    provider->call(ctx, provider, &request, &reply);    /* its circuit records the result */
}

static int64_t called_at_ms(const struct sight *sight)
{
    int64_t writes_ms = sight->of[PROVIDER_WRITES].called_at_ms;
    int64_t reads_ms = sight->of[PROVIDER_READS].called_at_ms;

    return writes_ms > reads_ms ? writes_ms : reads_ms;
}

/* Does not probe writes only because time has passed, but does when the last one failed. */
static bool must_probe(const struct ctx *ctx, const struct sight *sight,
                       enum provider_direction direction)
{
    const struct provider_health *health = &sight->of[direction];

    if (health->circuit_open)
        return health->retry_after_s == 0;
    if (health->failing)
        return ctx->now_ms - health->called_at_ms >= PROVIDER_PROBE_AGAIN_MS;
    return direction == PROVIDER_READS && ctx->now_ms - called_at_ms(sight) >= PROVIDER_PROBE_MS;
}

static const struct problem *wake(struct ctx *ctx, void *argument)
{
    const struct provider *provider = argument;

    store_provider_is_back(ctx, provider->name, PROVIDER_BACK_SPREAD_MS);
    return OK;
}

/* When both directions were last back; 0: never, or one is not. */
static int64_t back_at_ms(const struct sight *sight)
{
    int64_t back_ms = 0;

    for (int i = 0; i < PROVIDER_DIRECTIONS; i++) {
        if (sight->of[i].circuit_open || sight->of[i].failing)
            return 0;
        if (sight->of[i].back_at_ms > back_ms)
            back_ms = sight->of[i].back_at_ms;
    }
    return back_ms;
}

static const struct problem *watch_one(struct ctx *ctx, const struct provider *provider,
                                       int64_t *woken_for_ms)
{
    struct sight sight = look_at(provider);
    int64_t back_ms;

    for (int i = 0; i < PROVIDER_DIRECTIONS; i++)
        if (must_probe(ctx, &sight, (enum provider_direction) i))
            probe(ctx, provider, (enum provider_direction) i);
    sight = look_at(provider);
    back_ms = back_at_ms(&sight);
    if (back_ms <= *woken_for_ms)
        return OK;
    TRY(in_transaction(ctx, wake, (void *) provider));
    *woken_for_ms = back_ms;
    return OK;
}

const struct problem *watch_providers(struct ctx *ctx, struct provider_watch *watch)
{
    for (int i = 0; i < PROVIDERS_MAX && ctx->providers[i] != NULL; i++)
        TRY(watch_one(ctx, ctx->providers[i], &watch->woken_for_ms[i]));
    return OK;
}
