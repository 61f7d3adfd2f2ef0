/*
 * store_webhook_endpoints.h - where the shop is told of events (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_WEBHOOK_ENDPOINTS_H
#define PAYAPI_APPLICATION_STORE_STORE_WEBHOOK_ENDPOINTS_H

#include "application/ctx.h"
#include "domain/webhook_endpoint.h"

/* Deleted ones are not found. */
const struct problem *store_webhook_endpoint_find(struct ctx *ctx, struct webhook_endpoint_id id,
                                                  struct webhook_endpoint *endpoint_out,
                                                  bool *found_out);             /* wait */

#endif
