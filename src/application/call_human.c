#include "call_human.h"

#include "base/log.h"
#include "history.h"

void call_human(struct ctx *ctx, struct payment_lock *lock, enum review_cause cause,
                const char *source)
{
    struct payment before = lock->payment;

    review_ask(&lock->payment, cause);
    if (!review_is_new(&before, &lock->payment))
        return;                                 /* asked, and perhaps answered */
    lock->payment.updated_at_ms = ctx->now_ms;
    store_payment_update(ctx, &lock->payment);
    history_payment_changed(ctx, &before, &lock->payment, source);
    log_event(LOG_LEVEL_ERROR, "payment_needs_review", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("payment_id", before.id.text), LOG_TEXT("source", source),
              LOG_TEXT("reason", review_cause_text(cause)));
}
