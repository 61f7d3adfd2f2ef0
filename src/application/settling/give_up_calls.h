/*
 * give_up_calls.h - a human decides that nobody will ever tell the outcome of a payment's open
 * calls.
 *
 * Each is finished (verdict given_up, audit "call.given_up") and nobody asks for it any more. What
 * it was about ends with it: a refund is cancelled and its amount free again; a payment whose page
 * was to be opened or closed is cancelled, and its order may be paid anew. That is the risk that
 * the human takes: should the provider have carried it out after all, its list or an event says so
 * later. Such a refund asks for a review; such money is a late success, or a surplus that goes
 * back.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_GIVE_UP_CALLS_H
#define PAYAPI_APPLICATION_SETTLING_GIVE_UP_CALLS_H

#include "application/store/store.h"

/*
 * Inside the transaction that locked the payment; lock is as after it. *count_out: how many were
 * given up;
 * 0: none was open, and nothing changed. REQUEST_IN_PROGRESS, with nothing changed, while somebody
 * asks the
 * provider about one of them.
 */
const struct problem *give_up_calls(struct ctx *ctx, struct payment_lock *lock, int *count_out);

#endif
