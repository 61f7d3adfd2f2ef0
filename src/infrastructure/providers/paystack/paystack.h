/*
 * paystack.h - Paystack behind struct provider: hosted pages, verification, refunds, webhooks.
 *
 * Its requests carry no idempotency key: the reference, a function of our payment id, is unique there
 * for ever, and a refund bears our refund id in its note. It knows no way to close a page: expire is a
 * look, and that a page is over is our own decision; money that comes later is a late success.
 * One per worker process and account. It may be made before fork(): the connection is opened by the
 * first call. Settings are copied; paystack_free wipes the copied keys.
 * Source: providers.md sections 6-9 (Paystack's OpenAPI of 2025-10 and documentation).
 */
#ifndef PAYAPI_PAYSTACK_H
#define PAYAPI_PAYSTACK_H

#include "application/provider.h"

#define PAYSTACK_BASE_URL_DEFAULT "https://api.paystack.co"
#define PAYSTACK_SECRET_KEYS_MAX  3

struct paystack_settings {
    /* sk_test_ or sk_live_, all of one mode: the first signs requests, each may have signed a webhook. */
    const char *secret_keys[PAYSTACK_SECRET_KEYS_MAX];
    int         secret_key_count;       /* at least one */
    const char *base_url;               /* NULL: PAYSTACK_BASE_URL_DEFAULT */
    int         connect_timeout_ms;     /* 0: the default of http_client.h */
    int         timeout_ms;             /* 0: likewise */
};

/* NULL when a setting is wrong: *complaint_out then names it in one sentence, without its value. */
struct provider *paystack_new(const struct paystack_settings *settings, const char **complaint_out);
void             paystack_free(struct provider *provider);      /* NULL is fine */

#endif
