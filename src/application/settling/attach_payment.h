/*
 * attach_payment.h - moves money that pays for nothing to another order, as a human decided.
 *
 * The payment moves: it keeps its id, its object at the provider, its refunds and its audit, and
 * takes the order and the amount due of its new order. In the ledger its charge leaves the one
 * order and enters the other (reassignment), so both orders' sums are right and the payment's own
 * is unchanged. A sum other than the new order's amount is treated as in settle_payment.h.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_ATTACH_PAYMENT_H
#define PAYAPI_APPLICATION_SETTLING_ATTACH_PAYMENT_H

#include "application/store/store.h"

/*
 * Queues the whole move; lock->payment (from store_payment_lock) is then the moved payment. to: the
 * order's id as the caller wrote it. Returns a problem when the money already pays its order, or
 * was refunded, is about to be or is disputed; or when the other order does not exist, has another
 * currency, is paid, or has a page where somebody can still pay.
 */
const struct problem *attach_payment(struct ctx *ctx, struct payment_lock *lock, const char *to);

#endif
