/*
 * paystack_signature.h - the x-paystack-signature header of a webhook.
 *
 * HMAC-SHA512 over the raw body, keyed with the secret API key, in lower-case hex; it covers no
 * time. Source: Paystack webhooks (docs/facts.md, 8; vectors in 10).
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_SIGNATURE_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_SIGNATURE_H

#include "sandbox/kit/strbuf.h"
#include "sandbox/webhooks/webhooks.h"

/* Appends the 128 hex digits. */
void paystack_signature_add(struct strbuf *header, const char *secret, const char *body,
                            size_t body_bytes);

/* How Paystack sends webhooks: only a 200 counts as received. */
extern const struct webhook_dialect paystack_webhook_dialect;

#endif
