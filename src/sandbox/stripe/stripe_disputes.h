/*
 * stripe_disputes.h - a payer asks the bank for the money back: the operations and the acts.
 *
 * An inquiry (status warning_..) moves no money; a dispute withdraws it at once, and winning
 * reinstates it. Source: docs/facts.md, 3 and 4.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_DISPUTES_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_DISPUTES_H

#include "stripe_call.h"

#define STRIPE_DISPUTE_DUE_S (14 * 24 * 3600)

void stripe_disputes_list(struct stripe_call *call);
void stripe_disputes_retrieve(struct stripe_call *call);
void stripe_disputes_update(struct stripe_call *call);
void stripe_disputes_close(struct stripe_call *call);

/*
 * A new dispute over amount (0: all of the charge), or an inquiry. NULL with the reason in
 * *why_out (static). Call it and the next one with the lock held.
 */
struct stripe_dispute *stripe_dispute_make(struct stripe *stripe, struct stripe_intent *intent,
                                           int64_t amount, const char *reason, bool is_inquiry,
                                           int64_t due_s, const char **why_out);

/* Moves it to that status and emits the events. NULL, or why it is impossible (static). */
const char *stripe_dispute_settle(struct stripe *stripe, struct stripe_dispute *dispute,
                                  enum dispute_status status);

/* Ends an open inquiry into the charge, if there is one, because all of the money went back. */
void stripe_dispute_end_inquiry(struct stripe *stripe, struct stripe_charge *charge);

#endif
