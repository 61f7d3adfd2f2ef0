/*
 * store_checkout.h - the first read of a checkout (see store.h for wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_CHECKOUT_H
#define PAYAPI_APPLICATION_STORE_STORE_CHECKOUT_H

#include "application/idempotency.h"
#include "store_payments.h"

struct checkout_lock {
    struct claim         claim;         /* CLAIM_MINE with fence 0 when there was no key */
    bool                 order_found;
    struct order         order;         /* locked */
    bool                 payment_found; /* the payment that holds the order */
    struct payment       payment;       /* locked */
    bool                 call_found;
    struct provider_call call;          /* its checkout call, if the outcome is unknown */
};
/* Claims the key (NULL: none), then locks the order and its live payment. */
const struct problem *store_checkout_lock(struct ctx *ctx, const struct idempotency_key *key,
                                          struct order_id order_id, const char *owner,
                                          struct checkout_lock *lock_out);      /* wait */

#endif
