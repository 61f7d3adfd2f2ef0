/*
 * endpoints.h - JSON to command or query, result to JSON. No rule lives there.
 *
 * A list has a file of its own, named like its function; what is done with one object stands in
 * OBJECT_endpoints.c, unless it is long.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_ENDPOINTS_ENDPOINTS_H
#define PAYAPI_INFRASTRUCTURE_API_ENDPOINTS_ENDPOINTS_H

#include "application/answer.h"
#include "infrastructure/api/input/request.h"

const struct problem *post_order(struct ctx *ctx, const struct request *request,
                                 struct answer *answer_out);
const struct problem *get_orders(struct ctx *ctx, const struct request *request,
                                 struct answer *answer_out);
const struct problem *get_order_by_id(struct ctx *ctx, const struct request *request,
                                      struct answer *answer_out);
const struct problem *post_order_checkout(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out);
const struct problem *get_order_payment_status(struct ctx *ctx, const struct request *request,
                                               struct answer *answer_out);
const struct problem *get_payment_by_id(struct ctx *ctx, const struct request *request,
                                        struct answer *answer_out);
const struct problem *get_payments(struct ctx *ctx, const struct request *request,
                                   struct answer *answer_out);
const struct problem *get_payment_timeline(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out);
const struct problem *get_payment_events(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out);
const struct problem *post_stream_ticket(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out);
const struct problem *post_payment_review(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out);
const struct problem *get_transactions(struct ctx *ctx, const struct request *request,
                                       struct answer *answer_out);
const struct problem *get_audit(struct ctx *ctx, const struct request *request,
                                struct answer *answer_out);
const struct problem *get_audit_verify(struct ctx *ctx, const struct request *request,
                                       struct answer *answer_out);
const struct problem *post_payment_sync(struct ctx *ctx, const struct request *request,
                                        struct answer *answer_out);
const struct problem *post_payment_cancel(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out);
const struct problem *get_payment_refunds(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out);
const struct problem *get_payment_disputes(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out);
const struct problem *post_payment_refund(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out);
const struct problem *post_webhook(struct ctx *ctx, const struct request *request,
                                   struct answer *answer_out);
const struct problem *get_webhook_events(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out);
const struct problem *get_webhook_event_by_id(struct ctx *ctx, const struct request *request,
                                              struct answer *answer_out);
const struct problem *post_webhook_event_replay(struct ctx *ctx, const struct request *request,
                                                struct answer *answer_out);
const struct problem *post_webhook_endpoint(struct ctx *ctx, const struct request *request,
                                            struct answer *answer_out);
const struct problem *get_webhook_endpoints(struct ctx *ctx, const struct request *request,
                                            struct answer *answer_out);
const struct problem *get_webhook_endpoint_by_id(struct ctx *ctx, const struct request *request,
                                                 struct answer *answer_out);
const struct problem *patch_webhook_endpoint(struct ctx *ctx, const struct request *request,
                                             struct answer *answer_out);
const struct problem *delete_webhook_endpoint_by_id(struct ctx *ctx, const struct request *request,
                                                    struct answer *answer_out);
const struct problem *post_rotate_secret(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out);
const struct problem *post_webhook_endpoint_test(struct ctx *ctx, const struct request *request,
                                                 struct answer *answer_out);
const struct problem *post_webhook_endpoint_recover(struct ctx *ctx, const struct request *request,
                                                    struct answer *answer_out);
const struct problem *get_deliveries(struct ctx *ctx, const struct request *request,
                                     struct answer *answer_out);
const struct problem *get_delivery_by_id(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out);
const struct problem *post_delivery_resend(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out);
const struct problem *get_reconciliations(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out);
const struct problem *get_reconciliation_by_id(struct ctx *ctx, const struct request *request,
                                               struct answer *answer_out);
const struct problem *post_finding_explain(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out);
const struct problem *post_api_key(struct ctx *ctx, const struct request *request,
                                   struct answer *answer_out);
const struct problem *get_api_keys(struct ctx *ctx, const struct request *request,
                                   struct answer *answer_out);
const struct problem *delete_api_key(struct ctx *ctx, const struct request *request,
                                     struct answer *answer_out);
const struct problem *get_checkout_outcome(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out);
const struct problem *get_health(struct ctx *ctx, const struct request *request,
                                 struct answer *answer_out);
const struct problem *get_health_live(struct ctx *ctx, const struct request *request,
                                      struct answer *answer_out);
const struct problem *get_health_ready(struct ctx *ctx, const struct request *request,
                                       struct answer *answer_out);

/* The path's :id, or 404 when it cannot be one. */
const struct problem *read_order_id(struct ctx *ctx, const struct request *request,
                                    struct order_id *id_out);
const struct problem *read_payment_id(struct ctx *ctx, const struct request *request,
                                      struct payment_id *id_out);
/* A ticket for the stream of what a payer may know of the payment. In the arena. */
const char *outcome_ticket(struct ctx *ctx, struct payment_id id);
/* For routes without a body: none, or {}. */
const struct problem *read_no_members(struct ctx *ctx, const struct request *request);

#endif
