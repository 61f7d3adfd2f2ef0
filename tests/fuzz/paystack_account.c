#include "paystack_account.h"

#include <assert.h>
#include <stdio.h>

const struct provider *fuzz_paystack(void)
{
    static const struct provider_config settings = {
        .secret_keys = { { FUZZ_PAYSTACK_KEY }, 1 }, .base_url = "https://api.paystack.co",
    };
    static struct provider *paystack;
    const char *complaint;

    if (paystack == NULL)
        paystack = paystack_new(&settings, &complaint);
    assert(paystack != NULL);
    return paystack;
}

struct payment fuzz_naira_payment(void)
{
    struct payment payment = { .amount = { 10000, "NGN" }, .provider = "paystack",
                               .created_at_ms = FUZZ_PAYSTACK_MS };

    snprintf(payment.id.text, sizeof(payment.id.text), "pay_01KE0000000000000000000001");
    snprintf(payment.order_id.text, sizeof(payment.order_id.text), "abc-123");
    return payment;
}

struct ctx fuzz_paystack_ctx(struct arena *arena)
{
    static const struct provider *providers[2];

    providers[0] = fuzz_paystack();
    return (struct ctx) { .arena = arena, .now_ms = FUZZ_PAYSTACK_MS, .providers = providers };
}
