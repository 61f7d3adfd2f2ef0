/*
 * paystack_due.h - what happens at the played Paystack by itself when its time has come.
 */
#ifndef SANDBOX_PAYSTACK_DUE_H
#define SANDBOX_PAYSTACK_DUE_H

#include "paystack.h"

/* Disputes nobody answered are accepted, refunds fail. Call with the lock held. */
void paystack_settle_due(struct paystack *paystack);

#endif
