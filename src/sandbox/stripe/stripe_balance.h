/*
 * stripe_balance.h - what moves on the balance of the played account: balance transactions.
 *
 * Charges come in less their fee; refunds and disputes go out, and come back when they fail or are
 * won. A movement is told some time after it was made (settings: balance_delay_s): no list names it
 * before, its object's balance_transaction is null, and then charge.updated is sent.
 * Source: Stripe, balance transactions (docs/facts.md, 11).
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_BALANCE_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_BALANCE_H

#include "stripe_call.h"

/* Writes it down; the movement is the account's. Call with the lock held, as all of these. */
struct stripe_movement *stripe_balance_add(struct stripe *stripe, enum stripe_movement_kind kind,
                                           struct stripe_charge *charge, const struct item *source,
                                           int64_t amount);

/* Tells what is due. */
void stripe_balance_settle_due(struct stripe *stripe);

void stripe_balance_list(struct stripe_call *call);
void stripe_balance_retrieve(struct stripe_call *call);

#endif
