/* payment_locks.h - locking a payment, for the files that lock other rows after it. */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_PAYMENT_LOCKS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_PAYMENT_LOCKS_H

#include "rows.h"

/*
 * Queues both locks, order first; after pg_wait, row_payment_lock reads the payment's row. NULL:
 * nobody will.
 */
void payment_lock_queue(struct ctx *ctx, struct payment_id id, struct pg_rows *payment_out);

#endif
