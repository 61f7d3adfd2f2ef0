/*
 * store_disputes.h - disputes as stored (see store.h for queue and wait).
 *
 * A payment's overlay follows from all of its disputes, so they are locked together, after the
 * payment. PostgreSQL rejects facts that shrink, whatever the application decided.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_DISPUTES_H
#define PAYAPI_APPLICATION_STORE_STORE_DISPUTES_H

#include "store.h"

struct dispute_lock {
    struct payment_lock payment;        /* locked, with its order */
    struct dispute     *disputes;       /* all that the payment has, oldest first; locked */
    int                 count;
};

const struct problem *store_dispute_lock(struct ctx *ctx, struct payment_id payment_id,
                                         struct dispute_lock *lock_out);        /* wait */
void store_dispute_insert(struct ctx *ctx, const struct dispute *dispute);      /* queue */
/* Writes its facts and the time of their change. */
void store_dispute_update(struct ctx *ctx, const struct dispute *dispute);      /* queue */
/* Oldest first. owner NULL: any owner. *found_out says whether the payment exists. */
const struct problem *store_disputes_list(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner, struct dispute **disputes_out,
                                          int *count_out, bool *found_out);     /* wait */

#endif
