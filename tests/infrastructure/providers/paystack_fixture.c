#include "infrastructure/providers/paystack_fixture.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

static void release_paystack(void *provider)
{
    paystack_free(provider);
}

struct payment given_a_naira_payment(void)
{
    struct payment payment = given_a_payment();

    payment.amount = (struct money) { 10000, "NGN" };
    payment.created_at_ms = FIXTURE_NOW_S * 1000 + 7;
    memcpy(payment.provider, "paystack", sizeof("paystack"));
    return payment;
}

const struct provider *given_paystack_with(struct provider_config settings)
{
    const char *complaint = "";
    struct provider *provider;

    if (settings.base_url == NULL)
        settings.base_url = "https://api.paystack.co";
    provider = paystack_new(&settings, &complaint);
    assert(provider != NULL);
    return arena_adopt(given_a_ctx()->arena, provider, release_paystack);
}

const struct provider *given_paystack(void)
{
    const struct provider_config settings = { .secret_keys = { { FIXTURE_PAYSTACK_KEY }, 1 } };

    return given_paystack_with(settings);
}

struct ctx *given_a_paystack_ctx(const struct provider *provider)
{
    static const struct provider *providers[2];
    struct ctx *ctx = given_a_ctx();

    providers[0] = provider;
    ctx->providers = providers;
    return ctx;
}

struct bytes given_verification(const char *name, ...)
{
    json_t *document = given_json("documents/paystack-verify-success.json");
    json_t *data = json_object_get(document, "data");
    va_list args;

    va_start(args, name);
    for (; name != NULL; name = va_arg(args, const char *)) {
        const char *value = va_arg(args, const char *);

        if (value == NULL)
            (void) json_object_del(data, name);
        else
            (void) json_object_set_new(data, name, json_loads(value, JSON_DECODE_ANY, NULL));
    }
    va_end(args);
    return bytes_of(arena_adopt(given_a_ctx()->arena, json_dumps(document, JSON_COMPACT), free));
}
