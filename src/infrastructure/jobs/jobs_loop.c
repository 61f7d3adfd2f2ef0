/* The loop of payapi-jobs: due work, an absent database, signs of life. */
#include "infrastructure/jobs/jobs_loop.h"

#include <sysexits.h>
#include <time.h>

#include "application/inbox/process_inbox.h"
#include "application/queries.h"
#include "base/log.h"
#include "infrastructure/clock.h"
#include "infrastructure/jobs/jobs_periodic.h"
#include "infrastructure/jobs/jobs_runner.h"
#include "infrastructure/notify.h"
#include "infrastructure/postgres/store_pg.h"

/* --- One piece ------------------------------------------------------------------------------ */

static void process_one(struct runner *runner, const struct due_event *due)
{
    struct ctx ctx = runner_ctx(runner, runner->item);
    enum webhook_outcome outcome;
    const struct problem *problem = process_inbox(&ctx, due, &outcome);

    if (problem != OK)
        runner_note_failure(runner, &ctx, due->inbox_id.text, problem);
    runner->tally.events++;
    runner_finish_piece(runner, &ctx);
}

/* --- Everything that is due ------------------------------------------------------------------ */

/* A provider that hangs costs seconds per payment, so a turn is limited (JOBS_TURN_MS). */
static const struct problem *recover_due(struct runner *runner, struct ctx *ctx, bool *more_out)
{
    int64_t ends_ms = clock_monotonic_ms() + JOBS_TURN_MS;
    struct payment_id ids[JOBS_BATCH_MAX];
    int count;

    TRY(store_due_payments(ctx, ids, &count));
    for (int i = 0; i < count && !runner_is_stopping() && clock_monotonic_ms() < ends_ms; i++)
        runner_recover(runner, ids[i]);
    *more_out = count == JOBS_BATCH_MAX;
    return OK;
}

/* One at a time, since a claim counts as an attempt. */
static const struct problem *process_next(struct runner *runner, struct ctx *ctx, bool fresh_first,
                                          bool *found_out)
{
    struct due_event due;
    int count = 0;

    if (fresh_first)
        TRY(store_inbox_due(ctx, true, 1, &due, &count));
    if (count == 0)
        TRY(store_inbox_due(ctx, false, 1, &due, &count));
    if (count == 1)
        process_one(runner, &due);
    *found_out = count == 1;
    return OK;
}

/* Every other event is one that nobody has tried, so those that keep failing hold up no others. */
static const struct problem *process_due(struct runner *runner, struct ctx *ctx, bool *more_out)
{
    int64_t ends_ms = clock_monotonic_ms() + JOBS_TURN_MS;

    *more_out = true;
    for (int i = 0; i < JOBS_BATCH_MAX && *more_out && !runner_is_stopping(); i++) {
        TRY(process_next(runner, ctx, i % 2 == 0, more_out));
        if (clock_monotonic_ms() >= ends_ms)
            return OK;
    }
    return OK;
}

static const struct problem *watch(struct runner *runner)
{
    struct ctx ctx = runner_ctx(runner, runner->item);
    const struct problem *problem = watch_providers(&ctx, &runner->watch);

    arena_reset(runner->item);
    return problem;
}

/* Does not wait while more is due. */
static const struct problem *work_once(struct runner *runner, struct ctx *ctx)
{
    bool more_payments, more_events;

    TRY(store_ready(ctx));
    TRY(watch(runner));
    TRY(process_due(runner, ctx, &more_events));
    TRY(recover_due(runner, ctx, &more_payments));
    TRY(runner_tell_of_life(runner, ctx));
    jobs_run_periodic(runner);
    runner->tally.rounds++;
    runner->last_round_ms = clock_now_ms();
    if (runner_is_stopping() || more_payments || more_events)
        return OK;
    return store_wait_for_work(ctx, JOBS_WAIT_MAX_MS);
}

/* --- The loop ------------------------------------------------------------------------------ */

/* A minute without a complete round is an error, whatever reason was logged. */
static void beat(struct runner *runner)
{
    const struct tally *tally = &runner->tally;
    int64_t now_ms = clock_monotonic_ms();

    notify_alive();
    if (now_ms - tally->since_ms < JOBS_HEARTBEAT_MS)
        return;
    log_event(tally->rounds > 0 ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "jobs_heartbeat",
              LOG_NUMBER("rounds", tally->rounds), LOG_NUMBER("payments", tally->payments),
              LOG_NUMBER("events", tally->events), LOG_NUMBER("failures", tally->failures),
              LOG_NUMBER("last_round_age_ms",
                         runner->last_round_ms == 0 ? -1 : clock_now_ms() - runner->last_round_ms),
              LOG_NUMBER("duration_ms", now_ms - tally->since_ms));
    runner->tally = (struct tally) { .since_ms = now_ms };
}

/* Checks health even if nobody asks for /health, so that failures get into the log. */
static void look_at_health(struct runner *runner)
{
    int64_t now_ms = clock_monotonic_ms();
    struct ctx ctx = runner_ctx(runner, runner->batch);
    struct health health;

    if (runner->looked_at_ms != 0 && now_ms - runner->looked_at_ms < JOBS_LOOK_MS)
        return;
    (void) store_ready(&ctx);  /* or a lost connection would count as a sick database */
    check_health(&ctx, &health);
    runner->looked_at_ms = clock_monotonic_ms();
}

/* The database is away: logs it once, then retries less and less often. */
static void wait_for_store(struct runner *runner, const struct problem *problem)
{
    struct timespec pause;

    runner->tally.failures++;
    if (runner->reconnect_ms == 0)
        log_event(LOG_LEVEL_ERROR, "database_unavailable", LOG_TEXT("cause", problem->cause));
    runner->reconnect_ms = runner->reconnect_ms == 0 ? JOBS_RECONNECT_MS : 2 * runner->reconnect_ms;
    if (runner->reconnect_ms > JOBS_RECONNECT_MAX_MS)
        runner->reconnect_ms = JOBS_RECONNECT_MAX_MS;
    pause =
        (struct timespec) { runner->reconnect_ms / 1000, runner->reconnect_ms % 1000 * 1000000L };
    nanosleep(&pause, NULL);            /* a signal ends it */
}

static void note_store_is_back(struct runner *runner)
{
    if (runner->reconnect_ms != 0)
        log_event(LOG_LEVEL_INFO, "database_available",
                  LOG_NUMBER("waited_ms", runner->reconnect_ms));
    runner->reconnect_ms = 0;
}

static bool schema_fits(const struct runner *runner)
{
    struct ctx ctx = runner_ctx(runner, runner->batch);
    const struct problem *problem = store_ready(&ctx);
    bool fits = problem == OK || problem->type == PROBLEM_DATABASE_UNAVAILABLE;

    if (!fits)
        log_event(LOG_LEVEL_ERROR, "schema_does_not_fit", LOG_TEXT("cause", problem->cause));
    arena_reset(runner->batch);
    return fits;
}

/*
 * Waits for a temporary problem to pass. Any other ends the program: a restart finds out what does
 * not match.
 */
static bool survives(struct runner *runner, const struct problem *problem)
{
    if (problem == OK) {
        note_store_is_back(runner);
        return true;
    }
    if (problem->type != PROBLEM_INTERNAL) {
        wait_for_store(runner, problem);
        return true;
    }
    log_event(LOG_LEVEL_ERROR, "jobs_failed", LOG_TEXT("cause", problem->cause),
              LOG_NUMBER("rounds", runner->tally.rounds));
    return false;
}

/* False: it ended without being told to. */
static bool run(struct runner *runner)
{
    bool goes_on = true;

    while (goes_on && !runner_is_stopping()) {
        struct ctx ctx = runner_ctx(runner, runner->batch);

        goes_on = survives(runner, work_once(runner, &ctx));
        store_rollback_if_open(&ctx);
        look_at_health(runner);
        beat(runner);
        arena_reset(runner->batch);
    }
    return goes_on;
}

int jobs_loop(const struct jobs *jobs)
{
    struct runner runner = { .jobs = jobs, .batch = arena_new(), .item = arena_new(),
                             .tally = { .since_ms = clock_monotonic_ms() } };
    int status = EX_SOFTWARE;

    runner_handle_signals();
    if (schema_fits(&runner)) {
        log_event(LOG_LEVEL_INFO, "jobs_started", LOG_NUMBER("wait_ms", JOBS_WAIT_MAX_MS));
        notify_ready();
        status = run(&runner) ? 0 : EX_SOFTWARE;
        notify_stopping();
        log_event(LOG_LEVEL_INFO, "jobs_stopped", LOG_NUMBER("payments", runner.tally.payments));
    }
    arena_free(runner.item);
    arena_free(runner.batch);
    return status;
}
