/*
 * store_payments.h - payments as kept (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_PAYMENTS_H
#define PAYAPI_APPLICATION_STORE_STORE_PAYMENTS_H

#include "domain/order.h"
#include "store_calls.h"

struct payment_lock {
    bool              found;
    struct payment    payment;          /* locked, and its order */
    enum order_status order_status;
    bool              order_taken;      /* another payment of the order is open or has its money */
    struct payment_id open_rival;       /* that other payment, while it is open and has none; "" else */
};
const struct problem *store_payment_lock(struct ctx *ctx, struct payment_id id,
                                         struct payment_lock *lock_out);        /* wait */
/*
 * As store_payment_lock, without reading: known was written by the transaction that inserted the call.
 * When the payment, its order's status, the call or its refund was written since, that is a repeatable
 * problem. (An open payment's order is not taken meanwhile: index one_live_payment.)
 */
void store_payment_hold(struct ctx *ctx, const struct payment_lock *known,
                        const struct provider_call *call);                      /* queue */
void store_payment_insert(struct ctx *ctx, const struct payment *payment);      /* queue */
/* Facts, status, references, review, times. */
void store_payment_update(struct ctx *ctx, const struct payment *payment);      /* queue */
/* A human gave the money to another order, whose it is: neither surplus nor accepted, and the review that follows. */
void store_payment_attach(struct ctx *ctx, const struct payment *payment);      /* queue */
/*
 * The order was paid by another payment: the open page of this one is out of use. What is paid there all
 * the same is surplus; payapi-jobs closes the page at once. Under the order's lock.
 */
void store_payment_give_way(struct ctx *ctx, struct payment_id id);             /* queue */
const struct problem *store_payment_find(struct ctx *ctx, struct payment_id id, const char *owner,
                                         struct payment *payment_out, bool *found_out); /* wait */
/* The payment that holds the order, else its newest; those that were not begun are left out. */
const struct problem *store_order_payment_find(struct ctx *ctx, struct order_id id,
                                               const char *owner, struct payment *payment_out,
                                               bool *found_out);                /* wait */

#endif
