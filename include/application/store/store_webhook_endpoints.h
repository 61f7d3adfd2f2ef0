/*
 * store_webhook_endpoints.h - where the shop is told of events (see store.h for queue and wait).
 * Deleted endpoints are not found.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_WEBHOOK_ENDPOINTS_H
#define PAYAPI_APPLICATION_STORE_STORE_WEBHOOK_ENDPOINTS_H

#include "application/ctx.h"
#include "domain/webhook_endpoint.h"

#define WEBHOOK_ENDPOINTS_MAX 50

const struct problem *store_webhook_endpoint_find(struct ctx *ctx, struct webhook_endpoint_id id,
                                                  struct webhook_endpoint *endpoint_out,
                                                  bool *found_out);             /* wait */
/* Locks it: whoever changes an endpoint or its deliveries has done so. */
const struct problem *store_webhook_endpoint_lock(struct ctx *ctx, struct webhook_endpoint_id id,
                                                  struct webhook_endpoint *endpoint_out,
                                                  bool *found_out);             /* wait */
/* All of them, oldest first: WEBHOOK_ENDPOINTS_MAX at most. In the arena. */
const struct problem *store_webhook_endpoints_list(struct ctx *ctx,
                                                   struct webhook_endpoint **endpoints_out,
                                                   int *count_out);             /* wait */

enum endpoint_insertion { ENDPOINT_INSERTED, ENDPOINT_URL_TAKEN, ENDPOINT_TOO_MANY };
/* Made by ctx->actor. It gets the events of transactions that have not ended, and of later ones. */
const struct problem *store_webhook_endpoint_insert(struct ctx *ctx,
                                                    const struct webhook_endpoint *endpoint,
                                                    enum endpoint_insertion *result_out);
                                                                                /* wait */
/* Another endpoint than this one has the URL. */
const struct problem *store_webhook_endpoint_url_taken(struct ctx *ctx,
                                                       struct webhook_endpoint_id id,
                                                       const char *url, bool *taken_out);
                                                                                /* wait */
/* Writes what the shop can change, and how it fares. It must be locked. */
void store_webhook_endpoint_update(struct ctx *ctx, const struct webhook_endpoint *endpoint);
                                                                                /* queue */

#endif
