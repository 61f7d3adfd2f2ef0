/*
 * paystack_refunds.h - money going back: the operations on refunds, and the bank's later decision.
 *
 * Nothing is idempotent: the same request twice makes two refunds.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_REFUNDS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_REFUNDS_H

#include "paystack_call.h"

void paystack_refunds_create(struct paystack_call *call);
void paystack_refunds_list(struct paystack_call *call);
void paystack_refunds_fetch(struct paystack_call *call);
void paystack_refunds_retry(struct paystack_call *call);

/* NULL, with the amount (0: the rest) in *amount_out, if it can go back; else why not (static). */
const char *paystack_refund_check(const struct paystack_transaction *transaction, int64_t amount,
                                  int64_t *amount_out);

/* Queues the checked refund; notes may be NULL. Call with the lock held. */
struct paystack_refund *paystack_refund_make(struct paystack *paystack,
                                             struct paystack_transaction *transaction,
                                             int64_t amount, const char *merchant_note,
                                             const char *customer_note);

/* Applies the bank's decision on a new refund, according to the settings. */
void paystack_refund_proceed(struct paystack *paystack, struct paystack_refund *refund);

/* Plans its failure at that time, whatever its status is by then. */
void paystack_refund_fail_at(struct paystack *paystack, struct paystack_refund *refund,
                             int64_t at_s);

/* Fails the refunds whose planned time has come. */
void paystack_refunds_settle_due(struct paystack *paystack);

/* Applies the bank's decision on a refund. NULL, or why it is impossible (static). */
const char *paystack_refund_settle(struct paystack *paystack, struct paystack_refund *refund,
                                   enum paystack_refund_status status);

#endif
