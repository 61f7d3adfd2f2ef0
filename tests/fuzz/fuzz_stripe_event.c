/* Stripe's events: what is read stays within its limits, and says amounts that can be. */
#include "fuzz.h"

#include "stripe_account.h"

static void check_payment(const struct provider_payment *payment)
{
    assert(strnlen(payment->ref, sizeof(payment->ref)) < sizeof(payment->ref));
    assert(strnlen(payment->intent, sizeof(payment->intent)) < sizeof(payment->intent));
    assert(strnlen(payment->checkout_url, sizeof(payment->checkout_url)) < sizeof(payment->checkout_url));
    assert(payment->amount_minor >= 0);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const struct provider *stripe = fuzz_stripe();
    struct ctx ctx = { .arena = arena, .now_ms = FUZZ_NOW_MS };
    struct provider_event event = { .id = "untouched" };

    if (stripe->read_webhook(&ctx, input, &event) != OK) {
        assert(strcmp(event.id, "untouched") == 0);
        return;
    }
    assert(*event.id != '\0');
    check_payment(&event.payment);
    for (int i = 0; i < event.more_refund_count; i++)
        assert(event.more_refunds[i].amount_minor >= 0);
}
