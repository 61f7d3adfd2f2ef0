/*
 * give_up_calls.h - a human decides that the outcome of a payment's open calls will never be known.
 *
 * Each call is finished (verdict given_up, audit "call.given_up") and no longer retried. The refund
 * or payment that it was about ends with it: a refund is cancelled and its amount is free again; a
 * payment whose page was to be opened or closed is cancelled, and its order can be paid anew. The
 * human accepts the risk that the provider carried the call out after all; the provider's list or
 * an event then reports it later. Such a refund raises a review; such money is a late success, or a
 * surplus that is refunded.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_GIVE_UP_CALLS_H
#define PAYAPI_APPLICATION_SETTLING_GIVE_UP_CALLS_H

#include "application/store/store.h"

/*
 * Call it inside the transaction that locked the payment; lock is updated. *count_out: how many
 * calls were given up; 0: none was open, and nothing changed. REQUEST_IN_PROGRESS, with nothing
 * changed, while another process is asking the provider about one of them.
 */
const struct problem *give_up_calls(struct ctx *ctx, struct payment_lock *lock, int *count_out);

#endif
