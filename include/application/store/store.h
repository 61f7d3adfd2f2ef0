/*
 * store.h - what is kept, as plain functions. PostgreSQL implements them; the application's tests
 * link a fake.
 *
 * store_X.h is implemented by infrastructure/postgres/store_X.c. This one includes those that nearly
 * every use case needs.
 *
 * Round trips are what a database costs, so there are two kinds of functions:
 *   queue   (return nothing): the statement is sent with the next function that waits; its error,
 *           a wrong number of rows included, comes out of that one;
 *   wait    (return a problem): one round trip for everything queued so far and itself.
 * An in-transaction read takes row locks in the order: key, order, payment.
 * Results live in ctx->arena. Times are ctx->now_ms unless a lease is meant: leases use the
 * database's clock.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_H
#define PAYAPI_APPLICATION_STORE_STORE_H

#include "store_calls.h"
#include "store_checkout.h"
#include "store_health.h"
#include "store_history.h"
#include "store_inbox.h"
#include "store_keys.h"
#include "store_movements.h"
#include "store_orders.h"
#include "store_payments.h"
#include "store_transaction.h"

#endif
