/*
 * stripe_due.h - what happens at the played Stripe by itself when its time has come.
 */
#ifndef SANDBOX_STRIPE_DUE_H
#define SANDBOX_STRIPE_DUE_H

#include "stripe.h"

/* Sessions expire, refunds fail, movements on the balance are told. Call with the lock held. */
void stripe_settle_due(struct stripe *stripe);

#endif
