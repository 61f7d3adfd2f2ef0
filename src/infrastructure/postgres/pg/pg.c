/* The pipeline: statements queued, sent together, and answered in order. */
#include "pg.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "infrastructure/clock.h"

/* --- Into the pipeline --------------------------------------------------------------------- */

#define PENDING_FIRST 256               /* every statement is prepared in one round trip */

static void make_room(struct store *store)
{
    int room = store->pending_room > 0 ? 2 * store->pending_room : PENDING_FIRST;
    struct pg_pending *larger = reallocarray(store->pending, (size_t) room, sizeof(*larger));

    if (larger == NULL)
        abort();
    store->pending = larger;
    store->pending_room = room;
}

void pg_expect(struct store *store, const struct pg_statement *statement, enum pg_shape shape,
               struct pg_rows *rows_out)
{
    if (store->pending_count == store->pending_room)
        make_room(store);
    store->pending[store->pending_count++] = (struct pg_pending) { statement, shape, rows_out };
}

/*
 * Of a statement made at run time. Should the pipeline fail, nobody knows whether it was prepared:
 * take_result gives up the connection.
 */
static bool prepare_once(struct store *store, const struct pg_statement *statement)
{
    if (statement->late == 0 || store->late[statement->late])
        return true;
    if (!PQsendPrepare(store->connection, statement->name, statement->sql, 0, NULL))
        return false;
    pg_expect(store, statement, PG_SHAPE_ANY, NULL);
    store->is_preparing = true;
    store->late[statement->late] = true;
    store->late_count++;
    store->is_stale = store->is_stale || store->late_count >= PG_LATE_KEPT;
    return true;
}

/* A failure to send is not overlooked: it closes the connection, and pg_wait fails without one. */
static void queue(struct ctx *ctx, const struct pg_statement *statement, const struct pg_args *args,
                  enum pg_shape shape, struct pg_rows *rows_out)
{
    struct store *store = ctx->store;

    if (store->connection == NULL)
        return;
    if (prepare_once(store, statement)
        && PQsendQueryPrepared(store->connection, statement->name, args->count, args->values,
                            args->sizes, args->formats, 0))
        pg_expect(store, statement, shape, rows_out);
    else
        pg_close(store);
}

void pg_queue_one(struct ctx *ctx, const struct pg_statement *statement, const struct pg_args *args,
                  struct pg_rows *rows_out)
{
    queue(ctx, statement, args, PG_SHAPE_ONE, rows_out);
}

void pg_queue_optional(struct ctx *ctx, const struct pg_statement *statement,
                       const struct pg_args *args, struct pg_rows *rows_out)
{
    queue(ctx, statement, args, PG_SHAPE_OPTIONAL, rows_out);
}

void pg_queue_many(struct ctx *ctx, const struct pg_statement *statement,
                   const struct pg_args *args, struct pg_rows *rows_out)
{
    queue(ctx, statement, args, PG_SHAPE_MANY, rows_out);
}

void pg_queue_any(struct ctx *ctx, const struct pg_statement *statement, const struct pg_args *args)
{
    queue(ctx, statement, args, PG_SHAPE_ANY, NULL);
}

/* --- Over the wire, never longer than the deadline ------------------------------------------ */

static bool wait_for_socket(const struct store *store, short events)
{
    struct pollfd socket = { .fd = PQsocket(store->connection), .events = events };

    for (;;) {
        int64_t left_ms = store->deadline_at_ms - clock_monotonic_ms();
        int ready = left_ms > 0 ? poll(&socket, 1, (int) left_ms) : 0;

        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/* Writes the rest of the pipeline and reads until PQgetResult would not block. */
static bool exchange(const struct store *store)
{
    while (PQisBusy(store->connection)) {
        int unsent = PQflush(store->connection);

        if (unsent < 0 || !wait_for_socket(store, unsent > 0 ? POLLIN | POLLOUT : POLLIN)
            || !PQconsumeInput(store->connection))
            return false;
    }
    return true;
}

static void release_result(void *result)
{
    PQclear(result);
}

/* The next result, or NULL where a statement's results end. False: the connection is gone. */
static bool next_result(struct ctx *ctx, PGresult **result_out)
{
    if (!exchange(ctx->store))
        return false;
    *result_out = arena_adopt(ctx->arena, PQgetResult(ctx->store->connection), release_result);
    return PQstatus(ctx->store->connection) == CONNECTION_OK;
}

/* --- Results --------------------------------------------------------------------------------- */

/* Rows of a SELECT or RETURNING, else how many a statement changed. */
static int row_count(PGresult *result)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        return PQntuples(result);
    return atoi(PQcmdTuples(result));
}

static bool has_shape(enum pg_shape shape, int count)
{
    switch (shape) {
    case PG_SHAPE_ONE:      return count == 1;
    case PG_SHAPE_OPTIONAL: return count <= 1;
    case PG_SHAPE_MANY:
    case PG_SHAPE_ANY:      return true;
    }
    return false;
}

static const struct problem *take_rows(struct ctx *ctx, const struct pg_pending *pending,
                                       PGresult *result)
{
    int count = row_count(result);

    if (!has_shape(pending->shape, count))
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL,
                                           "Something is wrong on our side."),
                               "%s: %d rows", pending->statement->name, count);
    if (pending->rows_out != NULL)
        *pending->rows_out = (struct pg_rows) { result, count };
    return OK;
}

static const struct problem *take_result(struct ctx *ctx, const struct pg_pending *pending,
                                         PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return take_rows(ctx, pending, result);
    if (status == PGRES_PIPELINE_ABORTED)       /* an earlier statement has the problem */
        return OK;
    ctx->store->is_stale = ctx->store->is_stale || ctx->store->is_preparing
                           || pg_wants_new_connection(result);
    return pg_problem_of(ctx, pending->statement, result);
}

static const struct problem *lose(struct ctx *ctx)
{
    struct store *store = ctx->store;
    bool in_time = clock_monotonic_ms() < store->deadline_at_ms;
    const struct problem *problem;

    /* After a timeout a repeat would only time out again, so it is not repeatable. */
    problem = pg_problem_unavailable(ctx, in_time, in_time ? PQerrorMessage(store->connection)
                                                           : "no answer within the deadline");
    pg_close(store);
    return problem;
}

/* Reads the results of one statement, or of the sync at the end (pending NULL). */
static bool receive(struct ctx *ctx, const struct pg_pending *pending,
                    const struct problem **problem)
{
    PGresult *result;

    for (;;) {
        if (!next_result(ctx, &result))
            return false;
        if (result == NULL)
            return pending != NULL;
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
            return pending == NULL;
        if (pending != NULL && *problem == OK)
            *problem = take_result(ctx, pending, result);
    }
}

static const struct problem *receive_all(struct ctx *ctx)
{
    struct store *store = ctx->store;
    const struct problem *problem = OK;

    for (int i = 0; i < store->pending_count; i++)
        if (!receive(ctx, &store->pending[i], &problem))
            return lose(ctx);
    if (!receive(ctx, NULL, &problem))
        return lose(ctx);
    store->pending_count = 0;
    store->is_preparing = false;
    return problem;
}

const struct problem *pg_wait_within(struct ctx *ctx, int64_t timeout_ms)
{
    struct store *store = ctx->store;

    if (store->connection == NULL)
        return pg_problem_unavailable(ctx, true, "not connected");
    store->deadline_at_ms = clock_monotonic_ms() + timeout_ms;
    store->round_trips++;
    if (!PQpipelineSync(store->connection))
        return lose(ctx);
    return receive_all(ctx);
}

const struct problem *pg_wait(struct ctx *ctx)
{
    return pg_wait_within(ctx, PG_DEADLINE_MS);
}
