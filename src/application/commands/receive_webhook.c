#include "application/commands.h"

#include <string.h>

#include "application/fault_problem.h"
#include "application/settle_payment.h"
#include "application/settle_refund.h"
#include "application/transaction.h"
#include "base/log.h"

struct delivery {
    const struct provider *provider;
    struct provider_event  event;
    struct bytes           raw_body;
    bool                   store_only;  /* applying it failed: keep it for the inbox job */
    enum webhook_outcome   outcome;
};

static void ignore(struct ctx *ctx, struct delivery *work, const struct webhook_lock *lock,
                   const char *reason)
{
    struct payment_id none = { "" };

    store_webhook_finish(ctx, lock->inbox_id, WEBHOOK_IGNORED, none, reason);
    work->outcome = WEBHOOK_NOT_FOR_US;
}

/* The first refund is locked already; others come only where an event carries a whole list. */
static const struct problem *settle_refunds(struct ctx *ctx, const struct delivery *work,
                                            const struct webhook_lock *found)
{
    const struct provider_event *event = &work->event;
    struct refund_lock lock = { .payment = found->payment, .refund_found = found->refund_found,
                                .refund = found->refund };

    settle_refund(ctx, &lock, &event->refund, event->type);
    for (int i = 0; i < event->more_refund_count; i++) {
        TRY(store_refund_lock(ctx, found->payment.payment.id, work->provider->name,
                              &event->more_refunds[i], &lock));
        settle_refund(ctx, &lock, &event->more_refunds[i], event->type);
    }
    return OK;
}

static const struct problem *apply(struct ctx *ctx, struct delivery *work, struct webhook_lock *lock)
{
    struct payment_id payment_id = lock->payment.payment.id;

    if (work->event.kind == PROVIDER_EVENT_REFUND)
        TRY(settle_refunds(ctx, work, lock));
    else
        settle_payment(ctx, &lock->payment, &work->event.payment, work->event.type);
    store_webhook_finish(ctx, lock->inbox_id, WEBHOOK_PROCESSED, payment_id, "");
    work->outcome = WEBHOOK_APPLIED;
    return OK;
}

/* A refund that is reported before its charge waits in the inbox: the job asks for both. */
static bool is_understood(const struct provider_event *event, const struct payment *payment)
{
    return event->kind == PROVIDER_EVENT_PAYMENT
        || (event->kind == PROVIDER_EVENT_REFUND && payment->facts.captured_minor > 0);
}

/* Ours by its id but of another provider: its own page is still open there, so the job must look. */
static bool can_apply(const struct delivery *work, const struct webhook_lock *lock)
{
    return !work->store_only && lock->payment.found
        && strcmp(lock->payment.payment.provider, work->provider->name) == 0
        && is_understood(&work->event, &lock->payment.payment);
}

static const struct problem *remember_and_apply(struct ctx *ctx, void *argument)
{
    struct delivery *work = argument;
    struct webhook_lock lock;

    TRY(store_webhook_insert(ctx, work->provider, &work->event, work->raw_body, &lock));
    TRY(FAULT_HERE_IN(ctx, "webhook.in_store"));
    work->outcome = WEBHOOK_STORED;
    if (!lock.fresh)
        work->outcome = WEBHOOK_DUPLICATE;
    else if (work->event.livemode != work->provider->livemode)
        ignore(ctx, work, &lock, "live and test mode differ");
    else if (work->event.kind == PROVIDER_EVENT_UNUSED)
        ignore(ctx, work, &lock, "type not used");
    else if (can_apply(work, &lock))
        TRY(apply(ctx, work, &lock));
    return FAULT_HERE_IN(ctx, "webhook.after_apply");
}

/*
 * What cannot be applied now must still be kept: a second transaction only stores it. Without a
 * database it is not accepted, and the provider sends it again.
 */
static const struct problem *remember_at_least(struct ctx *ctx, struct delivery *work,
                                               const struct problem *problem)
{
    if (problem == OK || problem->type == PROBLEM_DATABASE_UNAVAILABLE)
        return problem;
    log_event(LOG_LEVEL_ERROR, "webhook_not_applied", LOG_TEXT("trace_id", ctx->trace_id),
              LOG_TEXT("event_id", work->event.id), LOG_TEXT("cause", problem->cause));
    work->store_only = true;
    return in_transaction(ctx, remember_and_apply, work);
}

const struct problem *receive_webhook(struct ctx *ctx, const struct receive_webhook *command,
                                      enum webhook_outcome *outcome_out)
{
    struct delivery work = { .provider = ctx_find_provider(ctx, command->provider),
                             .raw_body = command->raw_body };

    if (work.provider == NULL)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "This provider is not configured.");
    TRY(work.provider->verify_webhook(ctx, work.provider, command->signature_header,
                                      command->raw_body));        /* before parsing */
    TRY(work.provider->read_webhook(ctx, command->raw_body, &work.event));
    TRY(FAULT_HERE_IN(ctx, "webhook.before_store"));
    TRY(remember_at_least(ctx, &work, in_transaction(ctx, remember_and_apply, &work)));
    *outcome_out = work.outcome;
    return FAULT_HERE_IN(ctx, "webhook.before_answer");
}
