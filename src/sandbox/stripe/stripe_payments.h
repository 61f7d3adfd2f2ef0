/*
 * stripe_payments.h - what happens to money: the payer's acts and the bank's answers.
 *
 * Each act changes the objects and emits the events that Stripe would. It returns NULL, or why it
 * is impossible in this state (static text) and changes nothing. Call with the lock held.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_PAYMENTS_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_PAYMENTS_H

#include "stripe.h"

#define STRIPE_DECLINE_DEFAULT "insufficient_funds"

/* The payer pays by card; possible after a decline too. */
const char *stripe_payment_pay(struct stripe *stripe, struct stripe_session *session);

/* The same with another amount than asked for, which the session, intent and charge then have. */
const char *stripe_payment_pay_amount(struct stripe *stripe, struct stripe_session *session,
                                      int64_t amount);

/* The card is declined; decline_code is one of the table in stripe_payments.c. */
const char *stripe_payment_decline(struct stripe *stripe, struct stripe_session *session,
                                   const char *decline_code);

/* The bank asks for 3-D Secure; then the payer authenticates, or fails to. */
const char *stripe_payment_require_action(struct stripe *stripe, struct stripe_session *session);
const char *stripe_payment_authenticate(struct stripe *stripe, struct stripe_session *session);
const char *stripe_payment_fail_authentication(struct stripe *stripe,
                                               struct stripe_session *session);

/* Bank debit: the session is complete at once; the money comes later, or not at all. */
const char *stripe_payment_async_pay(struct stripe *stripe, struct stripe_session *session);
const char *stripe_payment_async_succeed(struct stripe *stripe, struct stripe_session *session);
const char *stripe_payment_async_fail(struct stripe *stripe, struct stripe_session *session);

/* The session ends unpaid, and so does its intent. */
const char *stripe_payment_expire(struct stripe *stripe, struct stripe_session *session);

/* reason: static text. Possible only once the session is no longer open. */
const char *stripe_payment_cancel(struct stripe *stripe, struct stripe_intent *intent,
                                  const char *reason);

/* Expires every open session whose time has come. */
void stripe_expire_due(struct stripe *stripe);

#endif
