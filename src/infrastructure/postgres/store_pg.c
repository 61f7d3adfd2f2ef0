/* The store as an object: made, freed, ready, and counted for the tests. */
#include "store_pg.h"

#include <stdio.h>
#include <stdlib.h>

#include "infrastructure/postgres/pg/pg.h"

struct store *store_new(const struct store_settings *settings)
{
    struct store *store = calloc(1, sizeof(*store));

    if (store == NULL)
        abort();
    store->settings = *settings;
    return store;
}

void store_plan_once(struct store *store)
{
    store->settings.plans_once = true;
}

void store_free(struct store *store)
{
    if (store == NULL)
        return;
    pg_close(store);
    free(store->pending);
    free(store);
}

const struct problem *store_ready(struct ctx *ctx)
{
    return pg_is_usable(ctx->store) ? OK : pg_connect(ctx);
}

int64_t store_round_trips(const struct store *store)
{
    return store->round_trips;
}

int64_t store_commits(const struct store *store)
{
    return store->commits;
}
