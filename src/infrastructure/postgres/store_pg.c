/* The store as an object: made, freed, ready, and counted for the tests. */
#include "store_pg.h"

#include <stdio.h>
#include <stdlib.h>

#include "infrastructure/postgres/pg/pg.h"
#include "infrastructure/postgres/pg/statements.h"

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
    free(store->prepared.statements);
    free(store);
}

const struct problem *store_ready(struct ctx *ctx)
{
    return pg_is_usable(ctx->store) ? OK : pg_connect(ctx);
}

int store_socket(const struct store *store)
{
    return store->connection != NULL ? PQsocket(store->connection) : -1;
}

void store_note_quiet(struct store *store, bool is_quiet)
{
    store->is_quiet = is_quiet && store->connection != NULL;
}

const struct problem *store_check_statements(struct ctx *ctx)
{
    TRY(store_ready(ctx));
    for (const struct pg_statement *const *const *list = store_statements; *list != NULL; list++)
        for (const struct pg_statement *const *each = *list; *each != NULL; each++)
            if (!pg_prepare(ctx->store, *each))
                pg_close(ctx->store);       /* pg_wait reports it */
    return pg_wait(ctx);
}

int64_t store_round_trips(const struct store *store)
{
    return store->round_trips;
}

int64_t store_commits(const struct store *store)
{
    return store->commits;
}
