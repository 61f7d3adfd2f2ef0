/* Applies a stored event again, or shows what that would do. */
#include "application/commands.h"

#include "application/inbox/apply_event.h"
#include "application/inbox/ownership.h"
#include "application/inbox/process_inbox.h"
#include "application/settling/history.h"
#include "application/transaction.h"
#include "base/log.h"

struct replay {
    struct inbox_id         id;
    struct inbox_reopened reopened;
    struct webhook_trial   *trial;      /* the result of a dry run */
    bool                    began;      /* the dry run has reached the event itself */
};

static const struct problem *reopen(struct ctx *ctx, struct replay *work)
{
    TRY(store_inbox_reopen(ctx, work->id, &work->reopened));
    if (!work->reopened.found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such webhook event.");
    if (work->reopened.leased)
        return problem_new(ctx->arena, PROBLEM_REQUEST_IN_PROGRESS,
                           "The event is being applied right now.");
    if (work->reopened.due.body.size == 0)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "The event's body is no longer kept, so it cannot be applied again.");
    return OK;
}

static const struct problem *start(struct ctx *ctx, const char *inbox_id, struct replay *work)
{
    if (inbox_id_parse(inbox_id, &work->id))
        return OK;
    return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such webhook event.");
}

/* --- Replay -------------------------------------------------------------------------------- */

static const struct problem *take_up(struct ctx *ctx, void *argument)
{
    struct replay *work = argument;

    TRY(reopen(ctx, work));
    history_webhook_replayed(ctx, work->id);
    return OK;
}

const struct problem *replay_webhook(struct ctx *ctx, const char *inbox_id,
                                     enum webhook_outcome *outcome_out)
{
    struct replay work = { .trial = NULL };

    TRY(start(ctx, inbox_id, &work));
    TRY(in_transaction(ctx, take_up, &work));
    return process_inbox(ctx, &work.reopened.due, outcome_out);
}

/* --- Dry run ------------------------------------------------------------------------------- */

static const struct problem *apply_to_see(struct ctx *ctx, void *argument)
{
    struct replay *work = argument;
    struct webhook_trial *trial = work->trial;
    const struct due_event *due = &work->reopened.due;
    const struct provider *provider;
    struct provider_event event;
    struct inbox_lock lock;

    work->began = false;
    TRY(reopen(ctx, work));
    provider = ctx_find_provider(ctx, due->provider);
    if (provider == NULL)
        return problem_new(ctx->arena, PROBLEM_PROVIDER_MISCONFIGURED,
                           "The event's provider is not configured on this server.");
    work->began = true;
    TRY(provider->read_webhook(ctx, due->body, &event));
    TRY(store_inbox_lock(ctx, due, &event, &lock));
    ownership_check(ctx, &event, &lock);
    trial->payment_found = lock.payment.found;
    trial->before = lock.payment.payment;
    TRY(apply_event(ctx, provider, &event, false, &lock, &trial->outcome, &trial->reason));
    return trial->payment_found ? store_inbox_effect(ctx, trial->before.id, &trial->effect) : OK;
}

/* Reports what process_inbox would do: the event waits, and the problem is the reason. */
static void tell_refusal(struct ctx *ctx, struct webhook_trial *trial,
                         const struct problem *problem)
{
    log_event(LOG_LEVEL_WARN, "dry_run_refused", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("reason", problem->detail),
              LOG_TEXT("cause", problem->cause != NULL ? problem->cause : ""));
    trial->outcome = WEBHOOK_STORED;
    trial->reason = problem->detail;
    trial->effect = (struct inbox_effect) { .payment = trial->before };
}

const struct problem *try_webhook(struct ctx *ctx, const char *inbox_id,
                                  struct webhook_trial *trial_out)
{
    struct replay work = { .trial = trial_out };
    const struct problem *problem;

    *trial_out = (struct webhook_trial) { .reason = "" };
    TRY(start(ctx, inbox_id, &work));
    problem = in_undone_transaction(ctx, apply_to_see, &work);
    if (problem == OK || !work.began || problem->type == PROBLEM_DATABASE_UNAVAILABLE)
        return problem;
    tell_refusal(ctx, trial_out, problem);
    return OK;
}
