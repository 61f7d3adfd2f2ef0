#include "stripe_account.h"

#include <assert.h>
#include <stdio.h>

const struct provider *fuzz_stripe(void)
{
    static const struct provider_config settings = {
        .secret_keys = { { "sk_test_fuzz" }, 1 }, .webhook_secrets = { { FUZZ_WEBHOOK_SECRET }, 1 },
        .base_url = "https://api.stripe.com", .api_version = "2026-10-28.endive",
    };
    static struct provider *stripe;
    const char *complaint;

    if (stripe == NULL)
        stripe = stripe_new(&settings, &complaint);
    assert(stripe != NULL);
    return stripe;
}

struct payment fuzz_payment(void)
{
    struct payment payment = { .amount = { 9999, "USD" } };

    snprintf(payment.id.text, sizeof(payment.id.text), "pay_01KE0000000000000000000001");
    snprintf(payment.order_id.text, sizeof(payment.order_id.text), "abc-123");
    return payment;
}
