/*
 * stripe_moods.h - a payer pays at Stripe, and the moods may interfere.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_MOODS_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_MOODS_H

#include "stripe.h"

/* Another program's session for the same order and amount, unpaid. Call with the lock held. */
struct stripe_session *stripe_foreign_session(struct stripe *stripe,
                                              const struct stripe_session *like);

/* As stripe_payment_pay. */
const char *stripe_moods_pay(struct stripe *stripe, struct stripe_session *session);

#endif
