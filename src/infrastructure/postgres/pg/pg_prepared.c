/* Which statements the connection has prepared. */
#include "pg.h"

#include <stdlib.h>

/*
 * A statement is prepared right before its first use, in the same round trip: no session parses and
 * plans what its program never runs, which would be half of its memory.
 *
 * A prepared statement outlives a rollback, but not its connection (pg_close). A request to prepare
 * that fails, or that the server skips after an earlier error of the pipeline, prepares nothing,
 * and the next use asks again. Lists can have more statements (listing.h) than a session should
 * keep, so that one with many is replaced.
 * Source: PostgreSQL 15 manual, PREPARE; 55.2.3 Extended Query.
 */

#define PREPARED_FIRST 64

static void make_room(struct pg_prepared *prepared)
{
    int room = prepared->room > 0 ? 2 * prepared->room : PREPARED_FIRST;
    const struct pg_statement **larger =
        reallocarray(prepared->statements, (size_t) room, sizeof(*larger));

    if (larger == NULL)
        abort();
    prepared->statements = larger;
    prepared->room = room;
}

/* -1: the connection does not have it. */
static int place_of(const struct pg_prepared *prepared, const struct pg_statement *statement)
{
    for (int i = 0; i < prepared->count; i++)
        if (prepared->statements[i] == statement)
            return i;
    return -1;
}

bool pg_prepare(struct store *store, const struct pg_statement *statement)
{
    struct pg_prepared *prepared = &store->prepared;

    if (place_of(prepared, statement) >= 0)
        return true;
    if (!PQsendPrepare(store->connection, statement->name, statement->sql, 0, NULL))
        return false;
    if (prepared->count == prepared->room)
        make_room(prepared);
    prepared->statements[prepared->count++] = statement;
    store->is_stale = store->is_stale || prepared->count >= PG_PREPARED_KEPT;
    pg_expect_preparation(store, statement);
    return true;
}

void pg_prepare_failed(struct store *store, const struct pg_statement *statement)
{
    struct pg_prepared *prepared = &store->prepared;
    int place = place_of(prepared, statement);

    prepared->statements[place] = prepared->statements[--prepared->count];
}
