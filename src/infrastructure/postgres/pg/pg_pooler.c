/* Works behind a connection pooler only if our settings hold there too. */
#include "pg.h"

#include <string.h>

/*
 * A pooler shares the server's connections among its clients. It supports few of the settings that
 * our connections are made with: it refuses such a connection or, if configured to, drops the
 * settings, and the role's hold instead. Without them statements have no time limit and find other
 * tables. Source: PgBouncer 1.24, config.md, ignore_startup_parameters; 1.18 refuses all options.
 */
#define HOLDS(name, value) " AND replace(current_setting('" name "'), ' ', '') = '" value "'"

static const struct pg_statement session_settings = {
    .name = "session_settings",
    .sql = "SELECT true" PG_SESSION(HOLDS) " AS hold"
};

static const struct problem *stands_between(struct ctx *ctx, const char *what)
{
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_INTERNAL,
                                       "Something is wrong on our side."),
                           "a pooler stands before PostgreSQL and %.*s: set it up as"
                           " docs/production.md says, or connect to PostgreSQL itself"
                           " (DATABASE_HOST, DATABASE_PORT, DATABASE_URL)",
                           (int) strcspn(what, "\n"), what);
}

const struct problem *pg_no_connection(struct ctx *ctx)
{
    const char *words = PQerrorMessage(ctx->store->connection);
    const char *refusal = strstr(words, "unsupported startup parameter");

    if (refusal != NULL)
        return stands_between(ctx, arena_printf(ctx->arena, "says \"%.*s\"",
                                                (int) strcspn(refusal, "\n"), refusal));
    return pg_problem_unavailable(ctx, true, words);
}

const struct problem *pg_check_session(struct ctx *ctx)
{
    struct pg_args none = { 0 };
    struct pg_rows rows;

    pg_queue_one(ctx, &session_settings, &none, &rows);
    TRY(pg_wait_within(ctx, PG_CHECK_MS));
    if (pg_row_bool(pg_row_at(&rows, 0), "hold"))
        return OK;
    return stands_between(ctx, "drops the settings of our connections");
}
