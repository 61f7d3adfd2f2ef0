/* Ends the open calls of a payment because a human decided so. */
#include "give_up_calls.h"

#include <stdio.h>

#include "application/settling/settle_payment.h"
#include "application/settling/settle_refund.h"
#include "base/log.h"
#include "history.h"
#include "payment_news.h"

static const struct change_source source = { .kind = SOURCE_GIVEN_UP };

static const struct problem *end_refund(struct ctx *ctx, struct payment_lock *lock,
                                        struct refund_id refund_id)
{
    const struct provider_refund named = { .refund_id = refund_id };
    struct refund_lock refund;
    struct provider_refund news;

    TRY(store_refund_lock(ctx, lock->payment.id, &named, &refund));
    if (!refund.refund_found || refund_object_is_known(&refund.refund))
        return OK;                      /* only news of the object counts */
    news = (struct provider_refund) { .refund_id = refund_id, .status = REFUND_CANCELLED,
                                      .amount_minor = refund.refund.amount.minor };
    snprintf(news.currency, sizeof(news.currency), "%s", refund.refund.amount.currency);
    snprintf(news.failure_reason, sizeof(news.failure_reason), "%s", change_source_text(source));
    (void) settle_refund(ctx, &refund, &news, source);
    *lock = refund.payment;
    return OK;
}

static void end_payment(struct ctx *ctx, struct payment_lock *lock)
{
    struct provider_payment news = { .payment_id = lock->payment.id };

    news.facts.closed = PAYMENT_CLOSED_CANCELLED;
    if (payment_is_open(&lock->payment.facts))
        (void) settle_payment(ctx, lock, &news, source);
}

static const struct problem *give_up(struct ctx *ctx, struct payment_lock *lock,
                                     const struct provider_call *call)
{
    store_call_give_up(ctx, call);
    history_call_given_up(ctx, call, lock->payment.order_id);
    log_event(LOG_LEVEL_INFO, "call_given_up", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("payment_id", lock->payment.id.text), LOG_TEXT("call_id", call->id.text),
              LOG_TEXT("operation", provider_operation_name(call->request.operation)));
    if (call->refund_id.text[0] != '\0')
        return end_refund(ctx, lock, call->refund_id);
    end_payment(ctx, lock);
    return OK;
}

static const struct problem *none_under_way(struct ctx *ctx, const struct provider_call *calls,
                                            int count)
{
    for (int i = 0; i < count; i++) {
        struct problem *problem;

        if (!calls[i].leased)
            continue;
        problem = problem_new(ctx->arena, PROBLEM_REQUEST_IN_PROGRESS,
                              "The provider is being asked about it right now.");
        problem->retry_after_s = CALL_LEASE_S;
        return problem;
    }
    return OK;
}

const struct problem *give_up_calls(struct ctx *ctx, struct payment_lock *lock, int *count_out)
{
    struct provider_call *calls;
    int count;

    TRY(store_open_calls(ctx, lock->payment.id, &calls, &count));
    TRY(none_under_way(ctx, calls, count));
    for (int i = 0; i < count; i++)
        TRY(give_up(ctx, lock, &calls[i]));
    *count_out = count;
    return OK;
}
