/* Stores a genuine event once, and applies it if it can be applied at once. */
#include "accept_event.h"

#include "application/fault_problem.h"
#include "application/store/store_inbox_events.h"
#include "application/store/store_jobs.h"
#include "application/transaction.h"
#include "apply_event.h"
#include "base/log.h"
#include "ownership.h"

struct acceptance {
    const struct provider       *provider;
    const struct provider_event *event;
    struct bytes                 raw_body;
    bool                         store_only;    /* applying it failed: keep it for the inbox job */
    enum webhook_outcome         outcome;
};

static void leave_to_jobs(struct ctx *ctx, struct inbox_id id, const char *reason)
{
    struct payment_id as_found = { "" };

    store_inbox_finish(ctx, id, INBOX_RECEIVED, as_found, reason);
    store_inbox_attempt(ctx, id, INBOX_RECEIVED, reason);
    store_work_notify(ctx);
}

static const struct problem *remember_and_apply(struct ctx *ctx, void *argument)
{
    struct acceptance *work = argument;
    struct inbox_lock lock;
    const char *reason = "applying it failed";

    TRY(store_inbox_insert(ctx, work->provider, work->event, work->raw_body, &lock));
    TRY(FAULT_HERE_IN(ctx, "webhook.in_store"));
    if (lock.fresh)
        ownership_check(ctx, work->event, &lock);
    work->outcome = lock.fresh ? WEBHOOK_STORED : WEBHOOK_DUPLICATE;
    if (lock.fresh && !work->store_only)
        TRY(apply_event(ctx, work->provider, work->event, false, &lock, &work->outcome, &reason));
    if (work->outcome == WEBHOOK_STORED)
        leave_to_jobs(ctx, lock.inbox_id, reason);
    return FAULT_HERE_IN(ctx, "webhook.after_apply");
}

/*
 * An event that cannot be applied now must still be kept: a second transaction only stores it.
 * Without a database the event is not accepted, and the provider sends it again.
 */
static const struct problem *remember_at_least(struct ctx *ctx, struct acceptance *work,
                                               const struct problem *problem)
{
    if (problem == OK || problem->type == PROBLEM_DATABASE_UNAVAILABLE)
        return problem;
    log_event(LOG_LEVEL_ERROR, "webhook_not_applied", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("event_id", work->event->id), LOG_TEXT("cause", problem->cause));
    work->store_only = true;
    return in_transaction(ctx, remember_and_apply, work);
}

const struct problem *accept_event(struct ctx *ctx, const struct provider *provider,
                                   const struct provider_event *event, struct bytes raw_body,
                                   enum webhook_outcome *outcome_out)
{
    struct acceptance work = { .provider = provider, .event = event, .raw_body = raw_body };

    TRY(remember_at_least(ctx, &work, in_transaction(ctx, remember_and_apply, &work)));
    *outcome_out = work.outcome;
    return OK;
}
