#include "infrastructure/providers/providers.h"

#include <stdlib.h>

#include "base/log.h"
#include "infrastructure/providers/breaker.h"
#include "infrastructure/providers/paystack/paystack.h"
#include "infrastructure/providers/stripe/stripe.h"

/* What a provider's state is without the file, only this pool knows. */
static struct breaker_board *open_board(const struct config *config)
{
    const char *complaint;
    struct breaker_board *board = breaker_board_open(config->provider_health_file, &complaint);

    if (complaint != NULL)
        log_event(LOG_LEVEL_WARN, "provider_health_not_shared",
                  LOG_TEXT("file", config->provider_health_file), LOG_TEXT("cause", complaint));
    return board;
}

static int timeout_ms(const struct config *config, int own_timeout_ms)
{
    return own_timeout_ms != 0 ? own_timeout_ms : config->provider_timeout_ms;
}

static struct provider *make_stripe(const struct config *config, const char **complaint_out)
{
    struct stripe_settings stripe = {
        .secret_key = config->stripe_secret_key,
        .webhook_secret_count = config->stripe_webhook_secrets.count,
        .api_version = config->stripe_api_version,
        .api_base = config->stripe_api_base,
        .connect_timeout_ms = config->provider_connect_timeout_ms,
        .timeout_ms = timeout_ms(config, config->stripe_timeout_ms),
    };

    for (int i = 0; i < stripe.webhook_secret_count && i < STRIPE_WEBHOOK_SECRETS_MAX; i++)
        stripe.webhook_secrets[i] = config->stripe_webhook_secrets.items[i];
    return stripe_new(&stripe, complaint_out);
}

static struct provider *make_paystack(const struct config *config, const char **complaint_out)
{
    struct paystack_settings paystack = {
        .secret_key_count = config->paystack_secret_keys.count,
        .base_url = config->paystack_base_url,
        .connect_timeout_ms = config->provider_connect_timeout_ms,
        .timeout_ms = timeout_ms(config, config->paystack_timeout_ms),
    };

    for (int i = 0; i < paystack.secret_key_count && i < PAYSTACK_SECRET_KEYS_MAX; i++)
        paystack.secret_keys[i] = config->paystack_secret_keys.items[i];
    return paystack_new(&paystack, complaint_out);
}

static void release_stripe(void *provider)
{
    free(((struct provider *) provider)->breaker);
    stripe_free(provider);
}

static void release_paystack(void *provider)
{
    free(((struct provider *) provider)->breaker);
    paystack_free(provider);
}

typedef struct provider *maker(const struct config *config, const char **complaint_out);

const char *providers_make(struct arena *arena, const struct config *config,
                           const struct provider *providers_out[PROVIDERS_MAX + 1])
{
    const struct { bool wanted; maker *make; void (*release)(void *); } known[PROVIDERS_MAX] = {
        { config->stripe_secret_key[0] != '\0', make_stripe, release_stripe },
        { config->paystack_secret_keys.count > 0, make_paystack, release_paystack },
    };
    struct breaker_board *board = open_board(config);
    int count = 0;

    for (int i = 0; i < PROVIDERS_MAX; i++) {
        const char *complaint;
        struct provider *made;

        if (!known[i].wanted)
            continue;
        made = known[i].make(config, &complaint);
        if (made == NULL)
            return complaint;
        breaker_guard(board, made, config->provider_breaker_failures);
        providers_out[count++] = arena_adopt(arena, made, known[i].release);
    }
    providers_out[count] = NULL;
    return NULL;
}
