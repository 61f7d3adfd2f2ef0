/*
 * store_adoption.h - re-inserts a payment that a restore lost (see store.h for wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_ADOPTION_H
#define PAYAPI_APPLICATION_STORE_STORE_ADOPTION_H

#include "store.h"

struct adopted_lock {
    bool                order_fresh;    /* made just now */
    bool                payment_fresh;
    /* Locked. Not found: the order's amount or currency differs. */
    struct payment_lock payment;
};

/*
 * Inserts order and payment where they are missing, then locks both. While another live payment
 * holds the order, the new payment is closed (failed), not open.
 */
const struct problem *store_adopt(struct ctx *ctx, const struct order *order,
                                  const struct payment *payment,
                                  struct adopted_lock *lock_out);               /* wait */

#endif
