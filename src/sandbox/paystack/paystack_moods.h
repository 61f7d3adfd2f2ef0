/*
 * paystack_moods.h - a payer at Paystack who pays, with what the moods add to it.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_MOODS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_MOODS_H

#include "paystack.h"

/* The same order and amount by another program, not paid yet. Call with the lock held. */
struct paystack_transaction *paystack_foreign_transaction(struct paystack *paystack,
                                                          const struct paystack_transaction *like);

/* As paystack_payment_pay. */
const char *paystack_moods_pay(struct paystack *paystack,
                               struct paystack_transaction *transaction);

#endif
