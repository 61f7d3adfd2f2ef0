/*
 * stripe.h - Stripe behind struct provider: hosted Checkout pages, webhooks, API version pinned.
 *
 * One per worker process and key. It may be made before fork(): the connection is opened by the
 * first call. Settings are copied; stripe_free wipes the copied keys.
 * Source: providers.md sections 1-5 (Stripe API 2026-10-28.endive), RELIABILITY.md section 2.2.
 */
#ifndef PAYAPI_STRIPE_H
#define PAYAPI_STRIPE_H

#include "application/provider.h"

#define STRIPE_API_BASE_DEFAULT    "https://api.stripe.com"
#define STRIPE_API_VERSION_DEFAULT "2026-10-28.endive"
#define STRIPE_WEBHOOK_SECRETS_MAX 3

struct stripe_settings {
    const char *secret_key;             /* sk_test_, sk_live_, rk_test_, rk_live_: says the mode */
    const char *webhook_secrets[STRIPE_WEBHOOK_SECRETS_MAX];    /* any of them may have signed */
    int         webhook_secret_count;   /* 0 where no webhooks are taken */
    const char *api_version;            /* NULL: STRIPE_API_VERSION_DEFAULT */
    const char *api_base;               /* NULL: STRIPE_API_BASE_DEFAULT */
    int         connect_timeout_ms;     /* 0: the default of http_client.h */
    int         timeout_ms;             /* 0: likewise */
};

/* NULL when a setting is wrong: *complaint_out then names it in one sentence, without its value. */
struct provider *stripe_new(const struct stripe_settings *settings, const char **complaint_out);
void             stripe_free(struct provider *provider);        /* NULL is fine */

#endif
