/* The connection: made, checked and closed. */
#include "pg.h"

#include <poll.h>
#include <sys/socket.h>

#include "base/fault.h"
#include "infrastructure/clock.h"
#include "statements.h"

/*
 * The server enforces our time limits: on a statement, on the wait for a lock, and on a transaction
 * whose worker is stopped. The search path is set on the connection, so that no setting of a role
 * or database can lead our statements to other tables; behind a pooler it is the role's, and
 * pg_check_session compares it. Every statement has an index to use, so sequential scans are off:
 * statistics taken while a table was small must not lead to a plan that reads all of it. JIT is
 * off: where no index fits, compiling takes a thousand times as long as reading.
 */
#define OPTION(name, value) "-c " name "=" value " "
#define SERVER_OPTIONS      PG_SESSION(OPTION)
/* See store_plan_once. */
#define PLANS_ONCE          "-c plan_cache_mode=force_generic_plan"

static void ignore_notice(void *nothing, const PGresult *notice)
{
    (void) nothing;
    (void) notice;
}

/*
 * Of several hosts it takes the one that accepts writes, whatever their order: a standby refuses
 * every payment. target_session_attrs comes before dbname, so that DATABASE_URL can override it.
 */
static PGconn *connect_to(const struct store_settings *settings)
{
    const char *const parameters[][2] = {
        { "target_session_attrs", "read-write" },
        { "dbname", settings->url != NULL ? settings->url : settings->name },
        { "host", settings->url != NULL ? NULL : settings->host },
        { "port", settings->url != NULL ? NULL : settings->port },
        { "user", settings->user },         /* wins over the url's */
        { "password", settings->password },
        { "application_name", settings->application_name },
        { "client_encoding", "UTF8" },
        { "options", settings->plans_once ? SERVER_OPTIONS PLANS_ONCE : SERVER_OPTIONS },
        { "connect_timeout", PG_CONNECT_S },
        { "tcp_user_timeout", "6000" },
        { "keepalives", "1" },
        { "keepalives_idle", "30" },
        { "keepalives_interval", "5" },
        { "keepalives_count", "3" },
        { NULL, NULL },
    };
    enum { PARAMETERS = sizeof(parameters) / sizeof(parameters[0]) };
    const char *names[PARAMETERS];
    const char *values[PARAMETERS];

    for (int i = 0; i < PARAMETERS; i++) {
        names[i] = parameters[i][0];
        values[i] = parameters[i][1];
    }
    return PQconnectdbParams(names, values, 1);
}

const struct problem *pg_check_schema_version(struct ctx *ctx, const struct pg_rows *rows)
{
    int64_t version = pg_row_i64(pg_row_at(rows, 0), "schema_version");
    struct problem *unfit = problem_new(ctx->arena, PROBLEM_INTERNAL,
                                        "Something is wrong on our side.");

    if (version < SCHEMA_VERSION_MIN)
        return problem_because(ctx->arena, unfit,
                               "schema version %d, but %d is needed: run payapi-admin migrate",
                               (int) version, SCHEMA_VERSION_MIN);
    if (version > SCHEMA_VERSION_MAX)
        return problem_because(ctx->arena, unfit,
                               "schema version %d, but this program knows %d at most: install the"
                               " programs of that schema", (int) version, SCHEMA_VERSION_MAX);
    return OK;
}

/* The database cannot state its schema version, for instance because it is empty. */
static const struct problem *no_schema_of_ours(struct ctx *ctx, const struct problem *problem)
{
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, problem->type, "%s", problem->detail),
                           "%s: run payapi-admin migrate", problem->cause);
}

/*
 * Before any other statement: one that does not fit an older schema would fail, and the problem
 * should name the schema, not that statement.
 */
static const struct problem *check_schema(struct ctx *ctx)
{
    struct pg_args none = { 0 };
    struct pg_rows version;
    const struct problem *problem;

    pg_queue_one(ctx, &schema_version, &none, &version);
    problem = pg_wait_within(ctx, PG_CHECK_MS);
    if (problem != OK)
        return problem->type == PROBLEM_INTERNAL ? no_schema_of_ours(ctx, problem) : problem;
    return pg_check_schema_version(ctx, &version);
}

static const struct problem *open_pipeline(struct ctx *ctx)
{
    PGconn *connection = ctx->store->connection;

    if (PQstatus(connection) != CONNECTION_OK || PQsetnonblocking(connection, 1) != 0
        || !PQenterPipelineMode(connection))
        return pg_no_connection(ctx);
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    TRY(pg_check_session(ctx));
    return check_schema(ctx);
}

/* --- A server that does not answer ----------------------------------------------------------- */

#define SILENCE_MS       1000           /* a refusal comes sooner */
#define SILENCE_WAIT_MS  2000           /* before the next attempt */
#define SILENCE_LEASE_MS 5000           /* for that attempt: longer than connecting takes */

/* Once the wait is over, one at a time of the processes that share news may connect. */
static bool may_connect(struct store_news *news, int64_t now_ms)
{
    int64_t until_ms = news != NULL ? news->silent_until_ms : 0;

    if (until_ms == 0 || until_ms - now_ms > SILENCE_LEASE_MS)
        return true;
    return now_ms >= until_ms && atomic_compare_exchange_strong(&news->silent_until_ms, &until_ms,
                                                                now_ms + SILENCE_LEASE_MS);
}

static void note_connecting(struct store_news *news, bool connected, int64_t began_ms)
{
    int64_t now_ms = clock_monotonic_ms();

    if (news != NULL)
        news->silent_until_ms = !connected && now_ms - began_ms >= SILENCE_MS
                                    ? now_ms + SILENCE_WAIT_MS : 0;
}

#ifdef FAULT_POINTS
static void drop_connection(void *owner)
{
    const struct store *store = owner;

    if (store->connection != NULL)
        (void) shutdown(PQsocket(store->connection), SHUT_RDWR);
}
#endif

const struct problem *pg_connect(struct ctx *ctx)
{
    struct store_news *news = ctx->store->settings.news;
    int64_t began_ms = clock_monotonic_ms();
    const struct problem *problem;

#ifdef FAULT_POINTS
    fault_on_drop_db(drop_connection, ctx->store);
#endif
    pg_close(ctx->store);
    if (!may_connect(news, began_ms))
        return pg_problem_unavailable(ctx, false, "not tried: the server did not answer lately");
    ctx->store->connection = connect_to(&ctx->store->settings);
    problem = open_pipeline(ctx);
    if (problem != OK)
        pg_close(ctx->store);
    note_connecting(news, problem == OK, began_ms);
    return problem;
}

void pg_close(struct store *store)
{
    PQfinish(store->connection);
    store->connection = NULL;
    store->is_stale = false;
    store->is_quiet = false;
    store->pending_count = 0;
    store->prepared.count = 0;
}

/* Somebody else may have asked, and told store_note_quiet: that answer counts once. */
static bool is_readable(struct store *store)
{
    struct pollfd socket = { .fd = PQsocket(store->connection), .events = POLLIN };
    bool is_quiet = store->is_quiet;

    store->is_quiet = false;
    return !is_quiet && poll(&socket, 1, 0) > 0;
}

/* Between requests a server sends little but that it is closing: a message, then end of file. */
bool pg_is_usable(struct store *store)
{
    while (store->connection != NULL && is_readable(store))
        if (!PQconsumeInput(store->connection))
            return false;
    return store->connection != NULL && PQstatus(store->connection) == CONNECTION_OK
        && !store->is_stale;
}
