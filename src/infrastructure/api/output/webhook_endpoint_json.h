/*
 * webhook_endpoint_json.h - the shop's webhook endpoints and deliveries, as the API shows them.
 * webhook_endpoint_json itself: application/answer.h.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_WEBHOOK_ENDPOINT_JSON_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_WEBHOOK_ENDPOINT_JSON_H

#include "application/store/store_delivery_list.h"
#include "base/text.h"

/* With the secret of its present generation: after it was made or rotated. */
struct bytes webhook_endpoint_json_with_secret(struct ctx *ctx,
                                               const struct webhook_endpoint *endpoint);

/* In a list: with its last attempt. */
void delivery_json(struct text *text, const struct delivery *delivery);
/* With all its attempts. */
void delivery_details_json(struct text *text, const struct delivery_details *details);
void recovery_json(struct text *text, const struct webhook_recovery *recovery);

#endif
