/*
 * store_checkout.h - what a checkout reads before it writes (see store.h for peek and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_CHECKOUT_H
#define PAYAPI_APPLICATION_STORE_STORE_CHECKOUT_H

#include "application/idempotency.h"
#include "store_payments.h"

struct checkout_peek {
    struct claim         claim;         /* CLAIM_FREE with fence 0 when there is no key */
    bool                 order_found;
    struct order         order;
    bool                 payment_found; /* the payment that holds the order */
    struct payment       payment;
    bool                 call_found;
    struct provider_call call;          /* its checkout call, if the outcome is unknown */
    struct peeked        seen;          /* for store_peeked_hold */
};
/* key NULL: none; owner NULL: any owner. One statement, which locks nothing. */
const struct problem *store_checkout_peek(struct ctx *ctx, const struct idempotency_key *key,
                                          struct order_id order_id, const char *owner,
                                          struct checkout_peek *peek_out);      /* peek */

/* Before the peek of a repeat (see store.h): locks key, order and live payment. */
void store_checkout_queue_up(struct ctx *ctx, const struct idempotency_key *key,
                             struct order_id order_id, const char *owner);      /* queue */

struct order_lock {
    bool           found;
    struct order   order;               /* locked */
    bool           payment_found;       /* the payment that holds the order */
    struct payment payment;             /* locked */
};
/* Locks the order and its live payment. */
const struct problem *store_order_lock(struct ctx *ctx, struct order_id order_id,
                                       struct order_lock *lock_out);            /* wait */

#endif
