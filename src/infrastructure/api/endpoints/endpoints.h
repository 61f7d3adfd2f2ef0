/*
 * endpoints.h - one file each: JSON to command or query, result to JSON. No rule lives there.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_ENDPOINTS_H
#define PAYAPI_INFRASTRUCTURE_API_ENDPOINTS_H

#include "application/answer.h"
#include "infrastructure/api/input/request.h"

#define ENDPOINT(name) \
    const struct problem *name(struct ctx *ctx, const struct request *request, \
                               struct answer *answer_out)

ENDPOINT(post_order);
ENDPOINT(get_orders);
ENDPOINT(get_order_by_id);
ENDPOINT(post_order_checkout);
ENDPOINT(get_order_payment_status);
ENDPOINT(get_payment_by_id);
ENDPOINT(get_payments);
ENDPOINT(get_payment_timeline);
ENDPOINT(post_payment_review);
ENDPOINT(get_transactions);
ENDPOINT(get_audit);
ENDPOINT(get_audit_verify);
ENDPOINT(post_payment_sync);
ENDPOINT(post_payment_cancel);
ENDPOINT(get_payment_refunds);
ENDPOINT(get_payment_disputes);
ENDPOINT(post_payment_refund);
ENDPOINT(post_webhook);
ENDPOINT(get_webhook_events);
ENDPOINT(get_webhook_event_by_id);
ENDPOINT(post_webhook_event_replay);
ENDPOINT(get_reconciliations);
ENDPOINT(get_reconciliation_by_id);
ENDPOINT(post_finding_explain);
ENDPOINT(get_checkout_outcome);
ENDPOINT(get_health);
ENDPOINT(get_health_live);
ENDPOINT(get_health_ready);

/* The path's :id, or 404 when it cannot be one. */
const struct problem *read_order_id(struct ctx *ctx, const struct request *request,
                                    struct order_id *id_out);
const struct problem *read_payment_id(struct ctx *ctx, const struct request *request,
                                      struct payment_id *id_out);
/* For routes without a body: none, or {}. */
const struct problem *read_no_members(struct ctx *ctx, const struct request *request);

#endif
