/*
 * paystack_transactions.h - the operations below /transaction.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_TRANSACTIONS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_TRANSACTIONS_H

#include "paystack_call.h"

void paystack_transactions_initialize(struct paystack_call *call);
void paystack_transactions_verify(struct paystack_call *call);  /* by reference */
void paystack_transactions_fetch(struct paystack_call *call);   /* by id */
void paystack_transactions_list(struct paystack_call *call);

/* A new transaction with the order and amount of that one, and its own reference. */
struct paystack_transaction *
paystack_transaction_copy(struct paystack *paystack, const struct paystack_transaction *like);

#endif
