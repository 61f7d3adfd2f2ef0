/*
 * stripe_balance.h - what moves on the balance of the played account: balance transactions.
 *
 * Charges come in minus their fee; refunds and disputes go out, and come back when they fail or are
 * won. A movement appears some time after it was made (settings: balance_delay_s). Until then no
 * list has it and its object's balance_transaction is null; when a charge's appears, charge.updated
 * is sent.
 * Source: Stripe, balance transactions (docs/facts.md, 11).
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_BALANCE_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_BALANCE_H

#include "stripe_call.h"

/* Books a movement, which the account owns. Call this and all below with the lock held. */
struct stripe_movement *stripe_balance_add(struct stripe *stripe, enum stripe_movement_kind kind,
                                           struct stripe_charge *charge, const struct item *source,
                                           int64_t amount);

/* Shows the movements that are due. */
void stripe_balance_settle_due(struct stripe *stripe);

void stripe_balance_list(struct stripe_call *call);
void stripe_balance_retrieve(struct stripe_call *call);

#endif
