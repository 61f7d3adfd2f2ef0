/*
 * store_transaction.h - the database transaction, for in_transaction (see store.h for queue and
 * wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_TRANSACTION_H
#define PAYAPI_APPLICATION_STORE_STORE_TRANSACTION_H

#include "application/ctx.h"

/* The transaction begins with the first statement that is not a peek; without one it never does. */
void                  store_begin(struct ctx *ctx);                             /* queue */
const struct problem *store_commit(struct ctx *ctx);         /* wait; without an answer: in_doubt */
void                  store_rollback_if_open(struct ctx *ctx);   /* never fails; reconnects later */
/* Sleeps a jittered moment (try 1, 2, 3) and reconnects when the connection is gone. */
void                  store_prepare_repeat(struct ctx *ctx, int try);
/* Begins a read-only transaction that sees one moment. End it with store_commit. */
void                  store_begin_snapshot(struct ctx *ctx);                    /* queue */

#endif
