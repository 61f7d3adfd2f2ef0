/*
 * transaction.h - runs a step inside one database transaction.
 */
#ifndef PAYAPI_APPLICATION_TRANSACTION_H
#define PAYAPI_APPLICATION_TRANSACTION_H

#include "application/ctx.h"

#define TRANSACTION_TRIES_MAX 4

typedef const struct problem *transaction_step(struct ctx *ctx, void *work);

/*
 * Begins, runs step(ctx, work), commits; rolls back when the step has a problem. A repeatable
 * problem (serialization failure, deadlock, lock time-out, connection lost, even inside COMMIT)
 * repeats the step: it must touch only the store and its own work, and find its own earlier rows
 * again. Log lines of the step are held back and written once COMMIT succeeded or its outcome is
 * unknown; those of a try that was rolled back are dropped.
 */
const struct problem *in_transaction(struct ctx *ctx, transaction_step *step, void *work);

/* The same, but then rolls everything back: to see what a step would do. */
const struct problem *in_undone_transaction(struct ctx *ctx, transaction_step *step, void *work);

#endif
