/*
 * foreign.h - another program on the same account: a payment that looks like one of ours.
 */
#ifndef SANDBOX_FOREIGN_H
#define SANDBOX_FOREIGN_H

#include "control_call.h"
#include "sandbox/paystack/paystack.h"
#include "sandbox/stripe/stripe.h"

/*
 * Metadata as another program writes it: like ours, but without a proof, and with a payment id of
 * its own. New; NULL of NULL.
 */
json_t *foreign_metadata(const json_t *ours);

/* The same order and amount by another program, not paid yet. Call with the lock held. */
struct stripe_session *foreign_session(struct stripe *stripe, const struct stripe_session *like);
struct paystack_transaction *foreign_transaction(struct paystack *paystack,
                                                 const struct paystack_transaction *like);

/*
 * POST /_sandbox/foreign {"like": a session's id, or a transaction's reference or id, "amount",
 * "metadata": members to change (null removes one), "pay": bool}; answers with the object.
 */
void foreign_make(struct control_call *call);

#endif
