/*
 * history_webhook_endpoint.h - the history of the shop's webhook endpoints, and their own events.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_HISTORY_WEBHOOK_ENDPOINT_H
#define PAYAPI_APPLICATION_SETTLING_HISTORY_WEBHOOK_ENDPOINT_H

#include "application/ctx.h"
#include "domain/webhook_endpoint.h"

/* action: "created", "changed", "deleted", "secret-rotated". No secret is in it. */
void history_webhook_endpoint(struct ctx *ctx, const struct webhook_endpoint *endpoint,
                              const char *action);
/* With the event webhook_endpoint.test, for this endpoint alone. */
void history_webhook_endpoint_tested(struct ctx *ctx, const struct webhook_endpoint *endpoint);
/* Disabled by the shop: an event tells the others. */
void history_webhook_endpoint_disabled(struct ctx *ctx, const struct webhook_endpoint *endpoint);
void history_webhooks_recovered(struct ctx *ctx, struct webhook_endpoint_id id, int64_t since_ms,
                                int64_t until_ms, int64_t queued);
void history_delivery_resent(struct ctx *ctx, struct webhook_endpoint_id id,
                             const char *delivery_id);

#endif
