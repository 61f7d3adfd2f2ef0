/*
 * stripe_signature.h - the Stripe-Signature header of a webhook.
 *
 * v1 is HMAC-SHA256, keyed with the whole whsec_... text, over "<t>.<raw body>", in lower-case
 * hex. Source: Stripe webhooks (docs/facts.md, 4; vectors in 10).
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_SIGNATURE_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_SIGNATURE_H

#include <stdint.h>

#include "sandbox/kit/strbuf.h"
#include "sandbox/webhooks/webhooks.h"

/* Appends "t=<at_s>,v1=<hex>". */
void stripe_signature_add(struct strbuf *header, const char *secret, int64_t at_s, const char *body,
                          size_t body_bytes);

/* How Stripe sends webhooks: signed anew for each attempt; any 2xx counts as received. */
extern const struct webhook_dialect stripe_webhook_dialect;

#endif
