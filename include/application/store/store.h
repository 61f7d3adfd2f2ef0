/*
 * store.h - the storage, as plain functions. PostgreSQL implements them; the application's tests
 * link a fake.
 *
 * infrastructure/postgres/store_X.c implements store_X.h. This header includes those that nearly
 * every use case needs.
 *
 * A database costs round trips, so there are two kinds of functions:
 *   queue   (return nothing): the next function that waits sends the statement and returns its
 *           error, which may be a wrong number of rows;
 *   wait    (return a problem): one round trip for itself and everything queued so far.
 * A read inside a transaction locks rows in the order: key, order, payment.
 * Results live in ctx->arena. Times are ctx->now_ms, but leases use the database's clock.
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
