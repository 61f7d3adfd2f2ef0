/*
 * store_refunds.h - refunds as kept (see store.h for queue and wait).
 *
 * PostgreSQL keeps the payment's counters: inserting a refund beyond what is left is refused there
 * (constraint refunds_within_captured), whatever the application thought.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_REFUNDS_H
#define PAYAPI_APPLICATION_STORE_STORE_REFUNDS_H

#include "domain/refund.h"
#include "store.h"

struct refund_lock {
    struct claim         claim;         /* CLAIM_MINE with fence 0 when there was no key */
    struct payment_lock  payment;       /* locked, with its order */
    bool                 refund_found;  /* the refund named by id, client key or provider reference */
    struct refund        refund;        /* locked */
    bool                 call_found;    /* with a claim: its call while that has no known outcome */
    struct provider_call call;
};

/*
 * First read of a refund command: claims the key, and when it is ours locks the payment and finds
 * the refund of that key, or of the id that the key makes. Of another's key nothing but the claim is told.
 */
const struct problem *store_refund_claim(struct ctx *ctx, const struct idempotency_key *key,
                                         struct payment_id payment_id, struct refund_id refund_id,
                                         struct refund_lock *lock_out);         /* wait */
/* Locks the payment and the refund of it (by our id, else by ref). */
const struct problem *store_refund_lock(struct ctx *ctx, struct payment_id payment_id,
                                        const struct provider_refund *named,
                                        struct refund_lock *lock_out);          /* wait */
void store_refund_insert(struct ctx *ctx, const struct refund *refund);         /* queue */
/* Status, provider reference, failure reason, time. The trigger moves the payment's counters. */
void store_refund_update(struct ctx *ctx, const struct refund *refund);         /* queue */
/* Oldest first. owner NULL: anybody's. *found_out tells whether the payment is there. */
const struct problem *store_refunds_list(struct ctx *ctx, struct payment_id payment_id,
                                         const char *owner, struct refund **refunds_out,
                                         int *count_out, bool *found_out);      /* wait */

#endif
