#include "apply_event.h"

#include <string.h>

#include "application/settle_payment.h"

static enum webhook_outcome ignore(struct ctx *ctx, const struct webhook_lock *lock,
                                   const char *reason)
{
    struct payment_id none = { "" };

    store_webhook_finish(ctx, lock->inbox_id, WEBHOOK_IGNORED, none, reason);
    return WEBHOOK_NOT_FOR_US;
}

static enum webhook_outcome apply(struct ctx *ctx, const struct provider_event *event,
                                  struct webhook_lock *lock)
{
    settle_payment(ctx, &lock->payment, &event->payment, event->type);
    store_webhook_finish(ctx, lock->inbox_id, WEBHOOK_PROCESSED, lock->payment.payment.id, "");
    return WEBHOOK_APPLIED;
}

/* Why it must wait; NULL: it need not. */
static const char *reason_to_wait(const struct provider *provider,
                                  const struct provider_event *event,
                                  const struct webhook_lock *lock)
{
    if (event->kind != PROVIDER_EVENT_PAYMENT)
        return "this type is not applied yet";
    if (!lock->payment.found)
        return "no payment of ours is named";
    /* Ours by its id but of another provider: its own page is still open there. */
    if (strcmp(lock->payment.payment.provider, provider->name) != 0)
        return "the payment is another provider's";
    return NULL;
}

const struct problem *apply_event(struct ctx *ctx, const struct provider *provider,
                                  const struct provider_event *event, struct webhook_lock *lock,
                                  enum webhook_outcome *outcome_out, const char **reason_out)
{
    *reason_out = "";
    *outcome_out = WEBHOOK_STORED;
    if (event->livemode != provider->livemode)
        *outcome_out = ignore(ctx, lock, "live and test mode differ");
    else if (event->kind == PROVIDER_EVENT_UNUSED)
        *outcome_out = ignore(ctx, lock, "type not used");
    else if (reason_to_wait(provider, event, lock) != NULL)
        *reason_out = reason_to_wait(provider, event, lock);
    else
        *outcome_out = apply(ctx, event, lock);
    return OK;
}
