/* Decides whether a provider's object belongs to the payment that it names. */
#include "ownership.h"

#include <string.h>

static bool is_stored(const char *named, const char *stored)
{
    return named[0] != '\0' && strcmp(named, stored) == 0;
}

static bool is_believed(const struct provider_payment *object, const struct payment *payment)
{
    return !payment->authored && object->amount_minor == payment->amount.minor
        && strcmp(object->currency, payment->amount.currency) == 0
        && strcmp(object->order_id.text, payment->order_id.text) == 0;
}

bool ownership_is_shown(const struct ctx *ctx, const struct provider_payment *object,
                        const struct payment *payment)
{
    return object->named_by_us || is_stored(object->ref, payment->provider_ref)
        || is_stored(object->intent, payment->provider_intent) || is_believed(object, payment)
        || authorship_is_ours(ctx->settings->authorship, payment, object->proof);
}

void ownership_check(struct ctx *ctx, const struct provider_event *event, struct inbox_lock *lock)
{
    if (!lock->payment.found || ownership_is_shown(ctx, &event->payment, &lock->payment.payment))
        return;
    store_inbox_disown(ctx, lock->inbox_id);
    lock->payment.found = lock->refund_found = lock->is_noted = false;
    lock->dispute_count = 0;
}

bool ownership_is_second_page(const struct provider *provider,
                              const struct provider_payment *object)
{
    return provider->names_by_our_id && object->ref[0] != '\0' && !object->named_by_us;
}
