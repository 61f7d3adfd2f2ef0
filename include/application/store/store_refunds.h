/*
 * store_refunds.h - refunds as stored (see store.h for queue and wait).
 *
 * PostgreSQL keeps the payment's counters and rejects a refund beyond what is left (constraint
 * refunds_within_captured), whatever the application decided.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_REFUNDS_H
#define PAYAPI_APPLICATION_STORE_STORE_REFUNDS_H

#include "domain/refund.h"
#include "store.h"

struct refund_lock {
    struct payment_lock  payment;       /* locked, with its order */
    bool                 refund_found;  /* by id, client key or provider reference */
    struct refund        refund;        /* locked */
};

struct refund_peek {
    struct claim         claim;
    struct refund_lock   rows;          /* as they are, not locked */
    bool                 call_found;
    struct provider_call call;          /* the refund's call, if the outcome is unknown */
    struct peeked        seen;          /* for store_peeked_hold */
};
/*
 * What a refund command reads before it writes: the payment, and the refund with that key or with
 * the id derived from the key. One statement, which locks nothing.
 */
const struct problem *store_refund_peek(struct ctx *ctx, const struct idempotency_key *key,
                                        struct payment_id payment_id, struct refund_id refund_id,
                                        struct refund_peek *peek_out);          /* peek */
/* Before the peek of a repeat (see store.h): locks key, order and payment. */
void store_refund_queue_up(struct ctx *ctx, const struct idempotency_key *key,
                           struct payment_id payment_id);                       /* queue */
/* Locks the payment and its refund (by our id, else by ref). */
const struct problem *store_refund_lock(struct ctx *ctx, struct payment_id payment_id,
                                        const struct provider_refund *named,
                                        struct refund_lock *lock_out);          /* wait */
void store_refund_insert(struct ctx *ctx, const struct refund *refund);         /* queue */
/*
 * Writes status, provider reference, failure reason and time. A trigger moves the payment's
 * counters, and with refunded_minor its status and time.
 */
void store_refund_update(struct ctx *ctx, const struct refund *refund);         /* queue */
/* Oldest first. owner NULL: any owner. *found_out says whether the payment exists. */
const struct problem *store_refunds_list(struct ctx *ctx, struct payment_id payment_id,
                                         const char *owner, struct refund **refunds_out,
                                         int *count_out, bool *found_out);      /* wait */

#endif
