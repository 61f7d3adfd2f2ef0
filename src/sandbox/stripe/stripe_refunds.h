/*
 * stripe_refunds.h - money going back: the operations on refunds, and the bank's later decision.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_REFUNDS_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_REFUNDS_H

#include "stripe_call.h"

void stripe_refunds_create(struct stripe_call *call);
void stripe_refunds_list(struct stripe_call *call);
void stripe_refunds_retrieve(struct stripe_call *call);
void stripe_refunds_cancel(struct stripe_call *call);

/* Why a refund cannot be made: Stripe's code and message (static), or neither. */
struct stripe_refusal {
    const char *code, *message;
};

/*
 * Checks whether amount (0: the rest) can go back; if so, *amount_out is that amount. Call with the
 * lock held.
 */
struct stripe_refusal stripe_refund_check(const struct stripe_intent *intent, int64_t amount,
                                          int64_t *amount_out);

/* Makes the checked refund and its events; reason is static text or NULL, metadata adopted. */
struct stripe_refund *stripe_refund_make(struct stripe *stripe, struct stripe_intent *intent,
                                         int64_t amount, const char *reason, json_t *metadata);

/* Applies the end of a refund: succeeded, failed or canceled. NULL, or why not (static). */
const char *stripe_refund_settle(struct stripe *stripe, struct stripe_refund *refund,
                                 enum refund_status status);

/* Plans its failure at that time, whatever its status is by then. */
void stripe_refund_fail_at(struct stripe *stripe, struct stripe_refund *refund, int64_t at_s);

/* Fails the refunds whose planned time has come. */
void stripe_refunds_settle_due(struct stripe *stripe);

#endif
