/* Chooses the provider of a new payment. */
#include "choose_provider.h"

#include <string.h>

const struct problem *named_provider(struct ctx *ctx, const char *name,
                                     const struct provider **provider_out)
{
    struct problem *problem;

    *provider_out = ctx_find_provider(ctx, name);
    if (*provider_out != NULL)
        return OK;
    problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED, "This provider is not available.");
    problem_add_field(ctx->arena, problem, "#/provider", "is not configured on this server");
    return problem;
}

static bool is_at_home(const struct provider *provider, const char *currency)
{
    return strstr(provider->home_currencies, currency) != NULL;
}

/* The operator's choice, whether or not it answers. */
static bool is_preferred(const struct ctx *ctx, const struct provider *provider,
                         const char *currency)
{
    const char *wanted = ctx->settings->default_provider;

    return strcmp(wanted, "auto") == 0 ? is_at_home(provider, currency)
                                       : strcmp(wanted, provider->name) == 0;
}

static int fitness(const struct ctx *ctx, const struct provider *provider, const char *currency,
                   bool has_email)
{
    bool takes_it = provider->takes_currency(currency) && (has_email || !provider->needs_email);

    return (takes_it ? 4 : 0)
        + (provider->read_health(provider, PROVIDER_WRITES).circuit_open ? 0 : 2)
        + (is_preferred(ctx, provider, currency) ? 1 : 0);
}

const struct provider *best_provider(struct ctx *ctx, const char *currency, bool has_email)
{
    const struct provider *best = ctx->providers[0];

    for (const struct provider *const *each = ctx->providers; *each != NULL; each++)
        if (fitness(ctx, *each, currency, has_email) > fitness(ctx, best, currency, has_email))
            best = *each;
    return best;
}

const struct problem *provider_answers(struct ctx *ctx, const struct provider *provider)
{
    struct provider_health health = provider->read_health(provider, PROVIDER_WRITES);
    struct problem *problem;

    if (health.retry_after_s == 0)
        return OK;
    problem = problem_new(ctx->arena, PROBLEM_PROVIDER_UNAVAILABLE,
                          "The payment provider has not answered recently. Nothing was sent to"
                           " it.");
    problem->retry_after_s = health.retry_after_s;
    return problem_because(ctx->arena, problem,
                           "%s: its circuit is open, the last failure had status %d",
                           provider->name, health.failed_status);
}
