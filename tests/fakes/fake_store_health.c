/* What the store in memory says of its health. */
#include "fake_store_parts.h"

#include <stdio.h>

static const struct problem *read_nothing(struct ctx *ctx, void *argument)
{
    (void) ctx;
    (void) argument;
    return OK;
}

void fake_store_set_health(struct store *store, struct store_health health)
{
    store->health = health;
}

const struct problem *store_read_health(struct ctx *ctx, struct store_health *health_out)
{
    TRY(part_wait(ctx, read_nothing, NULL));
    *health_out = ctx->store->health;
    return OK;
}

const struct problem *store_check_writable(struct ctx *ctx)
{
    return part_wait(ctx, read_nothing, NULL);
}

static const struct problem *apply_back(struct ctx *ctx, const void *argument)
{
    snprintf(ctx->store->back, sizeof(ctx->store->back), "%s", (const char *) argument);
    return OK;
}

void store_provider_is_back(struct ctx *ctx, const char *provider, int spread_ms)
{
    assert_true(spread_ms > 0);
    part_queue(ctx, apply_back, provider);
}

const char *fake_store_provider_back(const struct store *store) { return store->back; }
