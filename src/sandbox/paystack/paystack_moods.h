/*
 * paystack_moods.h - a payer pays at Paystack, and the moods may interfere.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_MOODS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_MOODS_H

#include "paystack.h"

/* Another program's transaction for the same order and amount, unpaid. Call with the lock held. */
struct paystack_transaction *paystack_foreign_transaction(struct paystack *paystack,
                                                          const struct paystack_transaction *like);

/* As paystack_payment_pay. */
const char *paystack_moods_pay(struct paystack *paystack,
                               struct paystack_transaction *transaction);

#endif
