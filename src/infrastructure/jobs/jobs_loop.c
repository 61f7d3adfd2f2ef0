#include "infrastructure/jobs/jobs_loop.h"

#include <signal.h>
#include <sysexits.h>
#include <time.h>

#include "application/audit_key.h"
#include "application/commands.h"
#include "application/entropy.h"
#include "application/process_inbox.h"
#include "application/recover_payment.h"
#include "application/watch_providers.h"
#include "base/log.h"
#include "infrastructure/clock.h"
#include "infrastructure/postgres/store_pg.h"

struct tally {
    int64_t since_ms;                   /* monotonic */
    int     payments;
    int     events;
    int     failures;
};

struct runner {
    const struct jobs *jobs;
    struct arena      *batch;           /* what is due */
    struct arena      *item;            /* one piece of it */
    struct tally       tally;
    int                reconnect_ms;
    int64_t            sealed_at_ms;        /* monotonic: the last audit checkpoint */
    struct provider_watch watch;
};

static volatile sig_atomic_t stopping;

static void on_stop(int signal)
{
    (void) signal;
    stopping = 1;
}

/* No SA_RESTART: the waiting has to see EINTR. */
static void handle_signals(void)
{
    struct sigaction stop = { .sa_handler = on_stop }, ignore = { .sa_handler = SIG_IGN };

    sigemptyset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* --- The context of a piece of work -------------------------------------------------------- */

static const char *new_trace_id(struct arena *arena)
{
    unsigned char random[16];
    char *text = arena_alloc(arena, 2 * sizeof(random) + 1);

    entropy_fill(random, sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++) {
        text[2 * i] = "0123456789abcdef"[random[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[random[i] & 15];
    }
    return text;
}

static struct ctx new_ctx(const struct runner *runner, struct arena *arena)
{
    return (struct ctx) {
        .arena = arena,
        .store = runner->jobs->store,
        .providers = runner->jobs->providers,
        .settings = runner->jobs->settings,
        .now_ms = clock_now_ms(),
        .trace_id = new_trace_id(arena),
        .method = "",
        .path = "",
        .actor = { ROLE_NONE, "jobs" },
    };
}

static void log_failure(const struct ctx *ctx, const char *id, const struct problem *problem)
{
    log_event(LOG_LEVEL_WARN, "job_failed", LOG_TEXT("trace_id", ctx->trace_id), LOG_TEXT("id", id),
              LOG_TEXT("problem", problem_kind(problem->type)->slug),
              LOG_TEXT("detail", problem->detail), LOG_TEXT("cause", problem->cause));
}

/* --- One piece ------------------------------------------------------------------------------ */

static void recover_one(struct runner *runner, struct payment_id id)
{
    struct ctx ctx = new_ctx(runner, runner->item);
    int64_t began_ms = clock_monotonic_ms();
    enum recovery_result result;
    struct payment payment;
    const struct problem *problem = recover_payment(&ctx, id, NULL, &payment, &result);

    if (problem != OK) {
        log_failure(&ctx, id.text, problem);
        runner->tally.failures++;
    } else if (result != RECOVERY_BUSY) {
        log_event(LOG_LEVEL_INFO, "payment_recovered", LOG_TEXT("trace_id", ctx.trace_id),
                  LOG_TEXT("payment_id", id.text), LOG_TEXT("result", recovery_result_name(result)),
                  LOG_TEXT("status", payment_status_name(payment.status)),
                  LOG_NUMBER("duration_ms", clock_monotonic_ms() - began_ms));
        runner->tally.payments++;
    }
    store_rollback_if_open(&ctx);
    arena_reset(runner->item);
}

static void process_one(struct runner *runner, const struct due_webhook *due)
{
    struct ctx ctx = new_ctx(runner, runner->item);
    enum webhook_outcome outcome;
    const struct problem *problem = process_inbox(&ctx, due, &outcome);

    if (problem != OK) {
        log_failure(&ctx, due->inbox_id.text, problem);
        runner->tally.failures++;
    }
    runner->tally.events++;
    store_rollback_if_open(&ctx);
    arena_reset(runner->item);
}

/* --- Everything that is due ------------------------------------------------------------------ */

static const struct problem *recover_due(struct runner *runner, struct ctx *ctx, int *done_out)
{
    struct payment_id ids[JOBS_BATCH_MAX];

    TRY(store_due_payments(ctx, ids, done_out));
    for (int i = 0; i < *done_out && !stopping; i++)
        recover_one(runner, ids[i]);
    return OK;
}

static const struct problem *process_due(struct runner *runner, struct ctx *ctx, int *done_out)
{
    struct due_webhook events[JOBS_BATCH_MAX];

    TRY(store_due_webhooks(ctx, events, done_out));
    for (int i = 0; i < *done_out && !stopping; i++)
        process_one(runner, &events[i]);
    return OK;
}

/* What the audit log gained is sealed, by whoever has the key; rivals find nothing left to do. */
static void seal_audit(struct runner *runner)
{
    int64_t now_ms = clock_monotonic_ms();
    struct ctx ctx = new_ctx(runner, runner->item);
    const struct problem *problem;
    int made;

    if (ctx.settings->audit_key == NULL || !audit_key_can_sign(ctx.settings->audit_key)
        || now_ms - runner->sealed_at_ms < JOBS_CHECKPOINT_MS)
        return;
    runner->sealed_at_ms = now_ms;
    problem = checkpoint_audit(&ctx, &made);
    if (problem != OK) {
        log_failure(&ctx, "audit", problem);
        runner->tally.failures++;
    }
    store_rollback_if_open(&ctx);
    arena_reset(runner->item);
}

static const struct problem *watch(struct runner *runner)
{
    struct ctx ctx = new_ctx(runner, runner->item);
    const struct problem *problem = watch_providers(&ctx, &runner->watch);

    arena_reset(runner->item);
    return problem;
}

/* A whole batch means that more is waiting; else there is time to wait. */
static const struct problem *work_once(struct runner *runner, struct ctx *ctx)
{
    int payments = 0, events = 0;

    TRY(store_ready(ctx));
    TRY(watch(runner));
    TRY(recover_due(runner, ctx, &payments));
    TRY(process_due(runner, ctx, &events));
    seal_audit(runner);
    if (stopping || payments == JOBS_BATCH_MAX || events == JOBS_BATCH_MAX)
        return OK;
    return store_wait_for_work(ctx, JOBS_WAIT_MAX_MS);
}

/* --- The loop ------------------------------------------------------------------------------ */

static void beat(struct runner *runner)
{
    const struct tally *tally = &runner->tally;
    int64_t now_ms = clock_monotonic_ms();

    if (now_ms - tally->since_ms < JOBS_HEARTBEAT_MS)
        return;
    log_event(LOG_LEVEL_INFO, "jobs_heartbeat", LOG_NUMBER("payments", tally->payments),
              LOG_NUMBER("events", tally->events), LOG_NUMBER("failures", tally->failures),
              LOG_NUMBER("duration_ms", now_ms - tally->since_ms));
    runner->tally = (struct tally) { .since_ms = now_ms };
}

/* The database is away: said once, then tried again, less and less often. */
static void wait_for_store(struct runner *runner, const struct problem *problem)
{
    struct timespec pause;

    if (runner->reconnect_ms == 0)
        log_event(LOG_LEVEL_ERROR, "database_unavailable", LOG_TEXT("cause", problem->cause));
    runner->reconnect_ms = runner->reconnect_ms == 0 ? JOBS_RECONNECT_MS : 2 * runner->reconnect_ms;
    if (runner->reconnect_ms > JOBS_RECONNECT_MAX_MS)
        runner->reconnect_ms = JOBS_RECONNECT_MAX_MS;
    pause = (struct timespec) { runner->reconnect_ms / 1000, runner->reconnect_ms % 1000 * 1000000L };
    nanosleep(&pause, NULL);            /* a signal ends it */
}

static void note_store_is_back(struct runner *runner)
{
    if (runner->reconnect_ms != 0)
        log_event(LOG_LEVEL_INFO, "database_available", LOG_NUMBER("waited_ms", runner->reconnect_ms));
    runner->reconnect_ms = 0;
}

static bool schema_fits(const struct runner *runner)
{
    struct ctx ctx = new_ctx(runner, runner->batch);
    const struct problem *problem = store_ready(&ctx);
    bool fits = problem == OK || problem->type == PROBLEM_DATABASE_UNAVAILABLE;

    if (!fits)
        log_event(LOG_LEVEL_ERROR, "schema_does_not_fit", LOG_TEXT("cause", problem->cause));
    arena_reset(runner->batch);
    return fits;
}

static void run(struct runner *runner)
{
    while (!stopping) {
        struct ctx ctx = new_ctx(runner, runner->batch);
        const struct problem *problem = work_once(runner, &ctx);

        if (problem != OK)
            wait_for_store(runner, problem);
        else
            note_store_is_back(runner);
        store_rollback_if_open(&ctx);
        beat(runner);
        arena_reset(runner->batch);
    }
}

int jobs_loop(const struct jobs *jobs)
{
    struct runner runner = { .jobs = jobs, .batch = arena_new(), .item = arena_new(),
                             .tally = { .since_ms = clock_monotonic_ms() } };
    int status = EX_SOFTWARE;

    handle_signals();
    if (schema_fits(&runner)) {
        log_event(LOG_LEVEL_INFO, "jobs_started", LOG_NUMBER("wait_ms", JOBS_WAIT_MAX_MS));
        run(&runner);
        log_event(LOG_LEVEL_INFO, "jobs_stopped", LOG_NUMBER("payments", runner.tally.payments));
        status = 0;
    }
    arena_free(runner.item);
    arena_free(runner.batch);
    return status;
}
