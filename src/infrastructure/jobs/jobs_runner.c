/* What the pieces of work of payapi-jobs share: the signal to stop, their context, how one ends. */
#include "infrastructure/jobs/jobs_runner.h"

#include <signal.h>

#include "application/recovery/recover_payment.h"
#include "base/log.h"
#include "infrastructure/clock.h"
#include "infrastructure/notify.h"
#include "infrastructure/postgres/store_pg.h"

static volatile sig_atomic_t stopping;

static void on_stop(int signal)
{
    (void) signal;
    stopping = 1;
}

bool runner_is_stopping(void)
{
    return stopping != 0;
}

/* No SA_RESTART: waiting calls must return EINTR. */
void runner_handle_signals(void)
{
    struct sigaction stop = { .sa_handler = on_stop }, ignore = { .sa_handler = SIG_IGN };

    sigemptyset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* --- The context of a piece of work -------------------------------------------------------- */

struct ctx runner_ctx(const struct runner *runner, struct arena *arena)
{
    struct ctx ctx = ctx_new(arena, runner->jobs->store, runner->jobs->providers,
                             runner->jobs->settings, clock_now_ms());

    ctx.trace_id = ctx_new_trace_id(arena);
    ctx.actor = (struct actor) { ROLE_NONE, "jobs", ACTOR_JOBS };
    return ctx;
}

void runner_note_failure(struct runner *runner, const struct ctx *ctx, const char *id,
                         const struct problem *problem)
{
    runner->tally.failures++;
    log_event(LOG_LEVEL_WARN, "job_failed", LOG_TEXT("traceId", ctx->trace_id), LOG_TEXT("id", id),
              LOG_TEXT("problem", problem_kind(problem->type)->slug),
              LOG_TEXT("detail", problem->detail), LOG_TEXT("cause", problem->cause));
}

/* --- One piece ------------------------------------------------------------------------------ */

/* Only now and then, because it costs a commit. */
const struct problem *runner_tell_of_life(struct runner *runner, struct ctx *ctx)
{
    int64_t now_ms = clock_monotonic_ms();

    if (runner->told_at_ms != 0 && now_ms - runner->told_at_ms < JOBS_TELL_MS)
        return OK;
    TRY(store_round_done(ctx));
    runner->told_at_ms = now_ms;
    return OK;
}

/* A slow provider makes rounds long, so each piece counts as a sign of life. */
void runner_finish_piece(struct runner *runner, struct ctx *ctx)
{
    store_rollback_if_open(ctx);
    (void) runner_tell_of_life(runner, ctx);    /* a problem comes up again in the next piece */
    arena_reset(runner->item);
    notify_alive();
}

void runner_recover(struct runner *runner, struct payment_id id)
{
    struct ctx ctx = runner_ctx(runner, runner->item);
    int64_t began_ms = clock_monotonic_ms();
    enum recovery_result result;
    struct payment payment;
    const struct problem *problem = recover_payment(&ctx, id, NULL, &payment, &result);

    if (problem != OK) {
        runner_note_failure(runner, &ctx, id.text, problem);
    } else if (result != RECOVERY_BUSY) {
        log_event(LOG_LEVEL_INFO, "payment_recovered", LOG_TEXT("traceId", ctx.trace_id),
                  LOG_TEXT("payment_id", id.text), LOG_TEXT("result", recovery_result_name(result)),
                  LOG_TEXT("status", payment_status_name(payment.status)),
                  LOG_NUMBER("duration_ms", clock_monotonic_ms() - began_ms));
        runner->tally.payments++;
    }
    runner_finish_piece(runner, &ctx);
}
