/*
 * stripe_parts.h - the parts of the adapter, one file each. stripe.c puts them into struct
 * provider; application/provider.h states what the functions promise.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_STRIPE_STRIPE_PARTS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_STRIPE_STRIPE_PARTS_H

#include <jansson.h>

#include "base/text.h"
#include "infrastructure/http_client/http_client.h"
#include "infrastructure/providers/adapters.h"

/* Behind provider->account. */
struct stripe_account {
    struct provider     provider;
    struct http_client *http;
    char               *secret_key;
    char               *api_version;
    char               *webhook_secrets[CONFIG_LIST_MAX];   /* NULL ends them */
};

/* stripe_requests.c: our requests in Stripe's terms. Pure. */
const struct problem *stripe_write_checkout(struct ctx *ctx, const struct provider *provider,
                                            const struct provider_checkout *wanted,
                                            struct provider_request *request_out);
const struct problem *stripe_write_retrieve(struct ctx *ctx, const struct payment *payment,
                                            struct provider_request *request_out);
const struct problem *stripe_write_expire(struct ctx *ctx, const struct payment *payment,
                                          struct provider_request *request_out);
const struct problem *stripe_write_find(struct ctx *ctx, const struct payment *payment,
                                        const char *after, struct provider_request *request_out);
/* A list of one session: a key that may open pages may also read them. */
void stripe_write_probe(struct ctx *ctx, enum provider_direction direction,
                        struct provider_request *request_out);

/* stripe.c: the only part that waits. */
void stripe_call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out);

/* stripe_replies.c: what a reply to a call means. Pure. */
void stripe_read_reply(struct ctx *ctx, const struct provider *provider,
                       const struct payment *payment, const struct provider_request *request,
                       const struct provider_reply *reply, struct provider_outcome *outcome_out);

/*
 * The table of docs/reliability.md section 2.2, for unsuccessful replies. document NULL: not JSON.
 */
void stripe_read_error(struct ctx *ctx, const struct provider_request *request,
                       const struct provider_reply *reply, const json_t *document,
                       struct provider_outcome *outcome_out);

/* False: the id, amount, mode or state cannot be read. */
bool stripe_read_session(const json_t *session, struct provider_payment *payment_out);

/* stripe_adopt.c: payments that we do not have. Pure. */
const struct problem *stripe_write_adopt(struct ctx *ctx, const struct provider_event *event,
                                         struct provider_request *request_out);
enum provider_adoption stripe_read_adopted(struct ctx *ctx, const struct provider *provider,
                                           const struct provider_event *event,
                                           const struct provider_reply *reply,
                                           struct provider_adopted *adopted_out);

/* stripe_event_list.c: events that were not delivered. Pure. */
const struct problem *stripe_write_list_events(struct ctx *ctx, int64_t since_s, const char *after,
                                               struct provider_request *request_out);
bool stripe_read_event_list(struct ctx *ctx, const char *after, const struct provider_reply *reply,
                            struct provider_event_page *page_out);

/* stripe_book.c: all that moved money on the account. Pure. */
const struct problem *stripe_write_list_book(struct ctx *ctx, enum book_kind kind, int64_t from_s,
                                             int64_t to_s, const char *after,
                                             struct provider_request *request_out);
bool stripe_read_book(struct ctx *ctx, const struct provider *provider, enum book_kind kind,
                      const struct provider_reply *reply, struct provider_book_page *page_out);

/* stripe_refunds.c: money going back. Pure. */
const struct problem *stripe_write_refund(struct ctx *ctx, const struct payment *payment,
                                          const struct refund *refund,
                                          struct provider_request *request_out);
const struct problem *stripe_write_list_refunds(struct ctx *ctx, const struct payment *payment,
                                                const char *after,
                                                struct provider_request *request_out);
void stripe_read_refund_reply(struct ctx *ctx, const struct provider *provider,
                              const struct payment *payment, const struct refund *refund,
                              const struct provider_request *request,
                              const struct provider_reply *reply,
                              struct provider_outcome *outcome_out);
bool stripe_read_refund_list(struct ctx *ctx, const struct payment *payment,
                             const struct provider_reply *reply,
                             struct provider_refund **refunds_out, int *count_out,
                             const char **after_out);
/* False: it is not a refund, or lacks an id, amount, currency or known status. */
bool stripe_read_refund(const json_t *object, struct provider_refund *refund_out);
/* A list object, and whether more pages follow. False unless every entry can be read. */
bool stripe_read_refunds(struct arena *arena, const json_t *list,
                         struct provider_refund **refunds_out, int *count_out, bool *more_out);

/* stripe_disputes.c: money that a payer's bank contests. Pure. */
const struct problem *stripe_write_list_disputes(struct ctx *ctx, const struct payment *payment,
                                                 struct provider_request *request_out);
bool stripe_read_dispute_list(struct ctx *ctx, const struct payment *payment,
                              const struct provider_reply *reply,
                              struct provider_dispute **disputes_out, int *count_out);
/*
 * at_ms: the time for which the object holds. False: it is not a dispute, or lacks an id, amount,
 * currency or known status. Movements come from balance_transactions, as ids or as objects.
 */
bool stripe_read_dispute(const json_t *object, int64_t at_ms, struct provider_dispute *dispute_out);

/* stripe_signature.c: did Stripe send these bytes just now? Does not interpret them. */
enum signature_verdict stripe_verify_webhook(struct ctx *ctx, const struct provider *provider,
                                             const char *signature_header, struct bytes raw_body);

/* stripe_events.c: what an event tells us. Pure. */
const struct problem *stripe_read_webhook(struct ctx *ctx, struct bytes raw_body,
                                          struct provider_event *event_out);
/* Appends "&types[]=..." for each type that stripe_read_webhook knows by its full name. */
void stripe_write_event_types(struct text *query);

#endif
