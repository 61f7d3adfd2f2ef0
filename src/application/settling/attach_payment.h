/*
 * attach_payment.h - a human decides that money which pays for nothing pays another order.
 *
 * The payment moves: it keeps its id, its object at the provider, its refunds and its audit, and
 * has the order and the amount due of its new order. In the ledger its charge leaves the one order
 * and comes to the other (reassignment), so that the sums of both are right and the payment's own
 * is unchanged. A sum that is not the new order's amount is treated like any other that came so
 * (settle_payment.h).
 */
#ifndef PAYAPI_APPLICATION_SETTLING_ATTACH_PAYMENT_H
#define PAYAPI_APPLICATION_SETTLING_ATTACH_PAYMENT_H

#include "application/store/store.h"

/*
 * Queues all of it; the payment in lock (store_payment_lock) is then as it stands. to: the order's
 * id as the caller wrote it. A problem when the money pays for its order, went back or may have to,
 * or when the other order is not there, has another currency, is paid, or has a page where somebody
 * can still pay.
 */
const struct problem *attach_payment(struct ctx *ctx, struct payment_lock *lock, const char *to);

#endif
