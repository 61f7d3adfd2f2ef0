/*
 * history.h - writes changes into the audit log, worded alike for all commands. A row whose change
 * the shop is told of is a domain event too.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_HISTORY_H
#define PAYAPI_APPLICATION_SETTLING_HISTORY_H

#include "application/change_source.h"
#include "application/store/store.h"
#include "application/store/store_findings.h"
#include "base/text.h"

/*
 * A second event of the change that was written just before: audit "announced". A row announces one
 * event at most.
 */
void history_announce(struct ctx *ctx, const struct payment *payment, enum domain_event event,
                      struct bytes payload);
/* Order created: audit "order.created" and event order.created. */
void history_order_created(struct ctx *ctx, const struct order *order);
/* Payment intent recorded: audit "payment.created" and event payment.created. */
void history_payment_created(struct ctx *ctx, const struct payment *payment);
/* Facts changed: audit "status" ("facts" when the status stayed) and the events that follow. */
void history_payment_changed(struct ctx *ctx, const struct payment *before,
                             const struct payment *after, struct change_source source);
struct rejected_webhooks {
    const char *cause;
    int64_t     count;
    int64_t     body_bytes;             /* of all of them */
    int64_t     since_ms;
};
/*
 * Rejected webhooks, summed up: audit "webhook.rejected". Their content is untrusted and left out.
 */
void history_webhooks_rejected(struct ctx *ctx, const struct rejected_webhooks *sum);
/* Somebody had the event applied again: audit "webhook.replayed". */
void history_webhook_replayed(struct ctx *ctx, struct inbox_id id);
/* Another payment paid its order: audit "gave_way". */
void history_payment_gave_way(struct ctx *ctx, struct order_id order_id, struct payment_id id,
                              struct payment_id to);
/*
 * A human attached its money to another order: audit "attached", then that of the change; events
 * payment.attached, which names the previous order, and payment.completed when it pays the new one.
 */
void history_payment_attached(struct ctx *ctx, const struct payment *before,
                              const struct payment *after);
/* A human reviewed it: audit "reviewed" with the reason, under the order that it had then. */
void history_payment_reviewed(struct ctx *ctx, const struct payment *payment, const char *verdict,
                              const char *reason);
/*
 * What a provider answered to a call of ours. The first change that it brings has it in its own
 * row, as the member "answer"; an answer that changes nothing has a row of its own. All borrowed.
 */
struct call_answer {
    const struct provider_call  *call;
    const struct provider_reply *reply;
    enum provider_verdict        verdict;
    bool                         told;          /* the history has it */
};
/* Adds "answer" to a row's body, unless there is none or the history has it already. */
void history_tell_answer(struct text *body, struct call_answer *answer);
/* The answer, if no change has told of it: audit "call.OPERATION". */
void history_call_recorded(struct ctx *ctx, struct call_answer *answer, struct order_id order_id);
/*
 * A human explained why the books differ: audit "finding.explained", under its payment when it has
 * one.
 */
void history_finding_explained(struct ctx *ctx, const struct found_finding *found,
                               const char *reason);
/* The call was given up, so nobody retries it: audit "call.given_up". */
void history_call_given_up(struct ctx *ctx, const struct provider_call *call,
                           struct order_id order_id);

#endif
