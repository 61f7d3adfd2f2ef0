/*
 * webhook_secrets.h - the secrets of the shop's webhook endpoints, and what is signed with them.
 *
 * A secret is derived and never stored: HKDF-SHA256 of WEBHOOK_SIGNING_SECRET with
 * "webhook-endpoint:ENDPOINT:GENERATION" as info. It is shown as "whsec_" and its base64, and signs
 * as Standard Webhooks 1.0.0 says. (Stripe's secrets look the same, but there the whole text is the
 * key.)
 */
#ifndef PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_WEBHOOK_SECRETS_H
#define PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_WEBHOOK_SECRETS_H

#include "base/text.h"
#include "domain/webhook_endpoint.h"

struct webhook_secrets;

/* A copy of the master secret, in the arena. NULL when it is "". */
const struct webhook_secrets *webhook_secrets_new(struct arena *arena, const char *master);

/* "whsec_...", in the arena. */
const char *webhook_secret_print(const struct webhook_secrets *secrets, struct arena *arena,
                                 struct webhook_endpoint_id endpoint_id, int generation);

/*
 * What webhook-signature says of ID "." TIMESTAMP "." BODY: "v1," and base64 for each generation
 * from newest down to oldest, with blanks between them. timestamp_s: of this attempt. In the arena.
 */
const char *webhook_signatures(const struct webhook_secrets *secrets, struct arena *arena,
                               struct webhook_endpoint_id endpoint_id, int newest, int oldest,
                               const char *event_id, int64_t timestamp_s, struct bytes body);

#endif
