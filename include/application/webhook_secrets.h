/*
 * webhook_secrets.h - the secrets of the shop's webhook endpoints: derived, never stored.
 *
 * A secret is HKDF-SHA256 (RFC 5869, no salt) of WEBHOOK_SIGNING_SECRET with
 * "webhook-endpoint:" ENDPOINT_ID ":" GENERATION as info: 32 bytes, shown as "whsec_" and their
 * base64 (Standard Webhooks 1.0.0, "Signature scheme").
 */
#ifndef PAYAPI_APPLICATION_WEBHOOK_SECRETS_H
#define PAYAPI_APPLICATION_WEBHOOK_SECRETS_H

#include "base/arena.h"
#include "base/bytes.h"

#define WEBHOOK_SECRET_BYTES 32

struct webhook_secrets;

/* master is copied, into the arena. NULL: it is empty. */
const struct webhook_secrets *webhook_secrets_new(struct arena *arena, const char *master);

void webhook_secret(const struct webhook_secrets *secrets, const char *endpoint_id, int generation,
                    unsigned char secret_out[static WEBHOOK_SECRET_BYTES]);
/* "whsec_...", in the arena. */
const char *webhook_secret_print(struct arena *arena,
                                 const unsigned char secret[static WEBHOOK_SECRET_BYTES]);

/*
 * One entry of webhook-signature: "v1," and the base64 of HMAC-SHA256 over ID "." TIMESTAMP "." BODY
 * (Standard Webhooks 1.0.0). timestamp_s: of this attempt, Unix seconds. In the arena.
 */
const char *webhook_signature(struct arena *arena,
                              const unsigned char secret[static WEBHOOK_SECRET_BYTES],
                              const char *event_id, int64_t timestamp_s, struct bytes body);

#endif
