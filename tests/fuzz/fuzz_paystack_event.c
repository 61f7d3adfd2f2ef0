/* Paystack's events: what is read stays within its limits, and no charge or refund is believed. */
#include "fuzz.h"

#include "paystack_account.h"

static void check_dispute(const struct provider_dispute *dispute)
{
    assert(*dispute->ref != '\0' && strnlen(dispute->ref, sizeof(dispute->ref)) < sizeof(dispute->ref));
    assert(dispute->facts.amount_minor > 0 && dispute->facts.withdrawn_minor >= 0);
    assert(dispute->facts.reinstated_minor <= dispute->facts.withdrawn_minor);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    struct ctx ctx = fuzz_paystack_ctx(arena);
    struct provider_event event = { .id = "untouched" }, again = { .id = "" };

    if (fuzz_paystack()->read_webhook(&ctx, input, &event) != OK) {
        assert(strcmp(event.id, "untouched") == 0);
        return;
    }
    assert(strlen(event.id) == 64 && *event.type != '\0');
    assert(strnlen(event.payment.ref, sizeof(event.payment.ref)) < sizeof(event.payment.ref));
    assert(event.kind != PROVIDER_EVENT_PAYMENT && event.kind != PROVIDER_EVENT_REFUND);
    assert(event.payment.facts.captured_minor == 0);
    if (event.kind == PROVIDER_EVENT_DISPUTE)
        check_dispute(&event.dispute);
    assert(fuzz_paystack()->read_webhook(&ctx, input, &again) == OK && strcmp(again.id, event.id) == 0);
}
