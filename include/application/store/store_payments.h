/*
 * store_payments.h - payments as stored (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_PAYMENTS_H
#define PAYAPI_APPLICATION_STORE_STORE_PAYMENTS_H

#include "domain/order.h"
#include "store_calls.h"

struct payment_lock {
    bool              found;
    struct payment    payment;          /* locked, like its order */
    enum order_status order_status;
    bool              order_taken;      /* another payment is open or has the money */
    struct payment_id open_rival;       /* that other payment if it is open, unpaid; else "" */
};
const struct problem *store_payment_lock(struct ctx *ctx, struct payment_id id,
                                         struct payment_lock *lock_out);        /* wait */
/*
 * Locks like store_payment_lock, without reading: the transaction that inserted the call wrote
 * known. If the payment, its order's status, the call or its refund was written since, that is a
 * repeatable problem. (The order of an open payment cannot be taken meanwhile: index
 * one_live_payment.)
 */
void store_payment_hold(struct ctx *ctx, const struct payment_lock *known,
                        const struct provider_call *call);                      /* queue */
/* Rows as a peek saw them. A version is the transaction that wrote the row last; 0: not seen. */
struct peeked {
    struct order_id   order_id;
    struct payment_id payment_id;
    struct refund_id  refund_id;
    int64_t           order_version, payment_version, refund_version;
};
/*
 * Locks the order and the payment that were peeked at. If one of the rows was written since, that
 * is a repeatable problem. (A payment of the order that was not there yet: index one_live_payment.)
 */
void store_peeked_hold(struct ctx *ctx, const struct peeked *seen);             /* queue */
void store_payment_insert(struct ctx *ctx, const struct payment *payment);      /* queue */
/* store_peeked_hold and store_payment_insert in one: for an order that had no live payment. */
void store_payment_open(struct ctx *ctx, const struct payment *payment,
                        const struct peeked *seen);                             /* queue */
/* Writes facts, status, references, review and times. */
void store_payment_update(struct ctx *ctx, const struct payment *payment);      /* queue */
/*
 * Gives the money to another order, on a human's decision: the payment is then neither surplus nor
 * accepted, and gets the review that follows.
 */
void store_payment_attach(struct ctx *ctx, const struct payment *payment);      /* queue */
/*
 * Another payment has paid the order, so this payment's open page must not be used any more. Money
 * paid there nevertheless is surplus; payapi-jobs closes the page at once. Needs the order's lock.
 */
void store_payment_give_way(struct ctx *ctx, struct payment_id id);             /* queue */
const struct problem *store_payment_find(struct ctx *ctx, struct payment_id id, const char *owner,
                                         struct payment *payment_out, bool *found_out);  /* wait */
/* The payment that holds the order, else its newest one; ignores those that were not begun. */
const struct problem *store_order_payment_find(struct ctx *ctx, struct order_id id,
                                               const char *owner, struct payment *payment_out,
                                               bool *found_out);                /* wait */

#endif
