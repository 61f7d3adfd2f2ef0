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
 * A wait inside a transaction locks the rows that it reads, in the order: key, order, payment. The
 * exception is a peek, a wait that locks nothing and does not begin the transaction: the command
 * decides by what it saw, and its writes take or hold those rows as they were seen, or fail as a
 * repeatable problem. A command that needs no write then costs one statement and no commit. The
 * repeat queues up: it locks before it peeks, so that nobody overtakes it again, and so that it
 * waits for the end of its own first try if that one's COMMIT had no answer.
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
