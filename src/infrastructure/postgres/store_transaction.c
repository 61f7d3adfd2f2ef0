/* The database transaction: begin, commit, rollback, and the pause before a repeat. */
#include "application/store/store_transaction.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "application/entropy.h"
#include "application/fault_problem.h"
#include "infrastructure/postgres/pg/statements.h"

static const struct pg_statement transaction_begin = {
    .name = "transaction_begin",
    .sql = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
};

/* A step that only peeks begins nothing, and store_commit then has nothing to commit. */
void store_begin(struct ctx *ctx)
{
    ctx->store->begin_first = &transaction_begin;
}

static const struct pg_statement snapshot_begin = {
    .name = "snapshot_begin",
    .sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
};

void store_begin_snapshot(struct ctx *ctx)
{
    struct pg_args none = { 0 };

    pg_queue_any(ctx, &snapshot_begin, &none);
}

static const struct pg_statement transaction_commit = {
    .name = "transaction_commit",
    .sql = "COMMIT"
};

/* A COMMIT of a failed transaction succeeds too, but with the command tag ROLLBACK. */
static bool is_committed(const struct pg_rows *answer)
{
    return strcmp(PQcmdStatus(answer->result), "COMMIT") == 0;
}

static const struct problem *in_doubt(struct ctx *ctx, const struct problem *problem)
{
    struct problem *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *problem;
    copy->in_doubt = true;
    return copy;
}

/* A fault point: a COMMIT takes effect, and its reply is lost with the connection. */
static const struct problem *lose_reply(struct ctx *ctx)
{
    switch (FAULT_HERE("commit.reply_lost")) {
    case FAULT_NONE:
        break;
    case FAULT_ERROR:
    case FAULT_DROP_DB:
        pg_close(ctx->store);
        return in_doubt(ctx, pg_problem_unavailable(ctx, true, "fault at commit.reply_lost"));
    }
    return OK;
}

/* Nothing was written or locked. What was queued before store_begin still goes out. */
static const struct problem *end_unbegun(struct ctx *ctx)
{
    ctx->store->begin_first = NULL;
    return ctx->store->pending_count > 0 ? pg_wait(ctx) : OK;
}

const struct problem *store_commit(struct ctx *ctx)
{
    struct pg_args none = { 0 };
    struct pg_rows answer;
    const struct problem *problem;
    bool is_sent;

    if (ctx->store->begin_first != NULL)
        return end_unbegun(ctx);
    TRY(FAULT_HERE_IN(ctx, "commit.before"));
    pg_queue_many(ctx, &transaction_commit, &none, &answer);
    is_sent = ctx->store->connection != NULL;
    problem = pg_wait(ctx);
    if (problem != OK)
        return is_sent && ctx->store->connection == NULL ? in_doubt(ctx, problem) : problem;
    if (!is_committed(&answer))
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL,
                                           "Something is wrong on our side."),
                               "COMMIT of a failed transaction");
    ctx->store->commits++;
    pg_note_write(ctx->store);
    return lose_reply(ctx);
}

static const struct pg_statement plan_anew = {
    .name = "plan_anew",
    .sql = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"
};

void transaction_plan_anew(struct ctx *ctx)
{
    struct pg_args none = { 0 };

    pg_queue_one(ctx, &plan_anew, &none, NULL);
}

static const struct pg_statement transaction_rollback = {
    .name = "transaction_rollback",
    .sql = "ROLLBACK"
};

static bool is_open(const struct store *store)
{
    return store->connection != NULL
        && (store->pending_count > 0 || PQtransactionStatus(store->connection) != PQTRANS_IDLE);
}

/*
 * Tries twice: a statement still queued may fail, and the server then skips the ROLLBACK behind it.
 * If the transaction is open even then, the connection is closed.
 */
void store_rollback_if_open(struct ctx *ctx)
{
    struct pg_args none = { 0 };
    struct store *store = ctx->store;

    store->begin_first = NULL;
    for (int tries = 0; tries < 2 && is_open(store); tries++) {
        pg_queue_any(ctx, &transaction_rollback, &none);
        (void) pg_wait(ctx);
    }
    if (is_open(store))
        pg_close(store);
}

#define REPEAT_CONFLICT_MS 10       /* a rival's transaction takes about that long */
#define REPEAT_CONNECT_MS  50       /* a restarting server takes longer */

/* Full jitter, four times longer with each try, so that rivals do not collide again. */
static void sleep_jittered(int base_ms, int try)
{
    uint32_t random;
    int64_t longest_ms = (int64_t) base_ms << (2 * (try - 1));
    struct timespec pause;

    entropy_fill(&random, sizeof(random));
    pause.tv_nsec = (long) (random % (longest_ms * 1000)) * 1000;
    pause.tv_sec = pause.tv_nsec / 1000000000;
    pause.tv_nsec %= 1000000000;
    while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
        continue;
}

void store_prepare_repeat(struct ctx *ctx, int try)
{
    bool connected = ctx->store->connection != NULL;

    sleep_jittered(connected ? REPEAT_CONFLICT_MS : REPEAT_CONNECT_MS, try);
    (void) store_ready(ctx);            /* on failure the next statement reports the problem */
}

const struct pg_statement *const transaction_statements[] = {
    &transaction_begin, &snapshot_begin, &transaction_commit, &plan_anew,
    &transaction_rollback, NULL
};
