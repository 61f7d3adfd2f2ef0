/*
 * paystack_refunds.h - money going back: the operations on refunds, and the bank's later word.
 *
 * Nothing is idempotent: the same request twice is two refunds.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_REFUNDS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_REFUNDS_H

#include "paystack_call.h"

void paystack_refunds_create(struct paystack_call *call);
void paystack_refunds_list(struct paystack_call *call);
void paystack_refunds_fetch(struct paystack_call *call);
void paystack_refunds_retry(struct paystack_call *call);

/* Whether amount (0: the rest) can go back: NULL with it in the _out, or why not (static). */
const char *paystack_refund_check(const struct paystack_transaction *transaction, int64_t amount,
                                  int64_t *amount_out);

/* Queues the checked refund; notes may be NULL. Call with the lock held. */
struct paystack_refund *paystack_refund_make(struct paystack *paystack,
                                             struct paystack_transaction *transaction,
                                             int64_t amount, const char *merchant_note,
                                             const char *customer_note);

/* Goes on as the settings say: the bank's word on the new refund. */
void paystack_refund_proceed(struct paystack *paystack, struct paystack_refund *refund);

/* It fails by itself at that time, whatever became of it until then. */
void paystack_refund_fail_at(struct paystack *paystack, struct paystack_refund *refund,
                             int64_t at_s);

/* Those whose time to fail has come. */
void paystack_refunds_settle_due(struct paystack *paystack);

/* The bank's word on a refund. NULL, or why not (static). */
const char *paystack_refund_settle(struct paystack *paystack, struct paystack_refund *refund,
                                   enum paystack_refund_status status);

#endif
