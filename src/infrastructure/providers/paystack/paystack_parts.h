/*
 * paystack_parts.h - the parts of the adapter, one file each. paystack.c puts them into struct
 * provider; application/provider.h states what the functions promise.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_PAYSTACK_PAYSTACK_PARTS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_PAYSTACK_PAYSTACK_PARTS_H

#include <jansson.h>

#include "infrastructure/http_client/http_client.h"
#include "infrastructure/providers/adapters.h"

/* Behind provider->account. */
struct paystack_account {
    struct provider     provider;
    struct http_client *http;
    char               *secret_keys[CONFIG_LIST_MAX];   /* NULL ends them */
};

/* paystack_requests.c: our requests in Paystack's terms. Pure. */
const struct problem *paystack_write_checkout(struct ctx *ctx, const struct provider *provider,
                                              const struct provider_checkout *wanted,
                                              struct provider_request *request_out);
const struct problem *paystack_write_retrieve(struct ctx *ctx, const struct payment *payment,
                                              struct provider_request *request_out);
const struct problem *paystack_write_expire(struct ctx *ctx, const struct payment *payment,
                                            struct provider_request *request_out);
const struct problem *paystack_write_find(struct ctx *ctx, const struct payment *payment,
                                          const char *after, struct provider_request *request_out);
/* Asks for our balance, which any key may do. */
void paystack_write_probe(struct ctx *ctx, enum provider_direction direction,
                          struct provider_request *request_out);

/* paystack.c: the only part that waits. */
void paystack_call(struct ctx *ctx, const struct provider *provider,
                   const struct provider_request *request, struct provider_reply *reply_out);

/* paystack_replies.c: what a reply to a call means. Pure. */
void paystack_read_reply(struct ctx *ctx, const struct provider *provider,
                         const struct payment *payment, const struct provider_request *request,
                         const struct provider_reply *reply, struct provider_outcome *outcome_out);
/*
 * A transaction as the operation asked for it. False: it cannot be read. An amount, currency or
 * mode other than the payment's needs a human.
 */
bool paystack_read_transaction(const json_t *data, const struct provider *provider,
                               const struct payment *payment, enum provider_operation operation,
                               struct provider_payment *out);
/* The table of docs/facts.md section 6, for unsuccessful replies. document NULL: not JSON. */
void paystack_read_error(struct ctx *ctx, const struct provider_request *request,
                         const struct provider_reply *reply, const json_t *document,
                         struct provider_outcome *outcome_out);

/* paystack_refunds.c: money going back. Pure. */
const struct problem *paystack_write_refund(struct ctx *ctx, const struct payment *payment,
                                            const struct refund *refund,
                                            struct provider_request *request_out);
const struct problem *paystack_write_list_refunds(struct ctx *ctx, const struct payment *payment,
                                                  const char *after,
                                                  struct provider_request *request_out);
void paystack_read_refund_reply(struct ctx *ctx, const struct provider *provider,
                                const struct payment *payment, const struct refund *refund,
                                const struct provider_request *request,
                                const struct provider_reply *reply,
                                struct provider_outcome *outcome_out);
bool paystack_read_refund_list(struct ctx *ctx, const struct payment *payment,
                               const struct provider_reply *reply,
                               struct provider_refund **refunds_out, int *count_out,
                               const char **after_out);

/* False: it lacks an id, amount, currency, transaction or known status. */
bool paystack_read_refund(const json_t *object, struct provider_refund *refund_out);

/* paystack_book.c: all that moved money on the account. Pure. */
const struct problem *paystack_write_list_book(struct ctx *ctx, enum book_kind kind, int64_t from_s,
                                               int64_t to_s, const char *after,
                                               struct provider_request *request_out);
bool paystack_read_book(struct ctx *ctx, const struct provider *provider, enum book_kind kind,
                        const struct provider_reply *reply, struct provider_book_page *page_out);

/* paystack_adopt.c: payments that we do not have. Pure. */
const struct problem *paystack_write_adopt(struct ctx *ctx, const struct provider_event *event,
                                           struct provider_request *request_out);
enum provider_adoption paystack_read_adopted(struct ctx *ctx, const struct provider *provider,
                                             const struct provider_event *event,
                                             const struct provider_reply *reply,
                                             struct provider_adopted *adopted_out);

/* paystack_event_list.c: undelivered events, from the lists of the account. Pure. */
const struct problem *paystack_write_list_events(struct ctx *ctx, int64_t since_s,
                                                 const char *after,
                                                 struct provider_request *request_out);
bool paystack_read_event_list(struct ctx *ctx, const char *after,
                              const struct provider_reply *reply,
                              struct provider_event_page *page_out);

/*
 * paystack_disputes.c. at_ms: the time for which the object holds. False: it lacks an id, amount,
 * currency or known status.
 */
bool paystack_read_dispute(const json_t *object, int64_t at_ms,
                           struct provider_dispute *dispute_out);
const struct problem *paystack_write_list_disputes(struct ctx *ctx, const struct payment *payment,
                                                   struct provider_request *request_out);
bool paystack_read_dispute_list(struct ctx *ctx, const struct payment *payment,
                                const struct provider_reply *reply,
                                struct provider_dispute **disputes_out, int *count_out);

/* paystack_signature.c: did Paystack send these bytes? Does not interpret them. */
enum signature_verdict paystack_verify_webhook(struct ctx *ctx, const struct provider *provider,
                                               const char *signature_header, struct bytes raw_body);

/* paystack_events.c: what an event tells us. Pure. */
const struct problem *paystack_read_webhook(struct ctx *ctx, struct bytes raw_body,
                                            struct provider_event *event_out);

#endif
