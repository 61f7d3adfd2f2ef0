/* Raises a review of a locked payment, and logs the alert. */
#include "call_human.h"

#include "base/log.h"
#include "history.h"

/* False: this cause was asked about before, and perhaps answered. */
static bool ask(struct ctx *ctx, struct payment_lock *lock, enum review_cause cause,
                const char *text, struct change_source source)
{
    struct payment before = lock->payment;

    review_ask_saying(&lock->payment, cause, text);
    if (!review_is_new(&before, &lock->payment))
        return false;
    lock->payment.updated_at_ms = ctx->now_ms;
    store_payment_update(ctx, &lock->payment);
    history_payment_changed(ctx, &before, &lock->payment, source);
    return true;
}

void call_human(struct ctx *ctx, struct payment_lock *lock, enum review_cause cause,
                struct change_source source)
{
    if (ask(ctx, lock, cause, review_cause_text(cause), source))
        log_event(LOG_LEVEL_ERROR, "payment_needs_review", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("payment_id", lock->payment.id.text),
                  LOG_TEXT("source", change_source_text(source)),
                  LOG_TEXT("reason", lock->payment.review_reason));
}

void call_human_about(struct ctx *ctx, struct payment_lock *lock, const struct provider_call *call,
                      enum review_cause cause, const char *text)
{
    const struct change_source source = change_source_of(SOURCE_RECOVERY);

    if (ask(ctx, lock, cause, text, source))
        log_event(LOG_LEVEL_ERROR, "payment_needs_review", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("payment_id", lock->payment.id.text),
                  LOG_TEXT("source", change_source_text(source)),
                  LOG_TEXT("reason", lock->payment.review_reason),
                  LOG_TEXT("call_id", call->id.text), LOG_NUMBER("attempts", call->attempts));
}
