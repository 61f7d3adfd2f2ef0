/*
 * store_world.h - a real PostgreSQL for one test program, and rows to start from.
 *
 * Each test makes rows with ids of its own, so that none sees another's.
 */
#ifndef PAYAPI_TESTS_STORE_WORLD_H
#define PAYAPI_TESTS_STORE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "application/store/store.h"
#include "application/transaction.h"
#include "infrastructure/postgres/store_pg.h"

#define FINGERPRINT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FINGERPRINT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* First thing in main: comes back only with a server running, which ends with the program. */
void world_need_server(char **argv);

/* --- Workers ------------------------------------------------------------------------------- */

/* A worker of alice: own arena, own connection. Fails the test when it cannot connect. */
struct ctx *given_a_worker(void);
/* url NULL: not connected yet, to the application's database. */
struct ctx *given_a_worker_at(const char *url);
void        dismiss(struct ctx *worker);

/* For setup and teardown of each test: *state is a struct ctx. */
int given_one_worker(void **state);
int dismiss_one_worker(void **state);

/* --- Rows ---------------------------------------------------------------------------------- */

struct order   some_order(struct ctx *ctx, const char *owner);          /* not stored */
struct payment some_payment(struct ctx *ctx, const struct order *order);
struct provider_call some_call(struct ctx *ctx, const struct payment *payment);
struct idempotency_key some_key(struct ctx *ctx);                       /* fresh key, fresh holder */

struct order   given_an_order(struct ctx *ctx);                         /* alice's, committed */
struct payment given_a_payment(struct ctx *ctx, const struct order *order);
struct provider_call given_a_call(struct ctx *ctx, const struct payment *payment);
/* Stores payment with these facts, through store_payment_update. */
void           given_facts(struct ctx *ctx, struct payment *payment, struct payment_facts facts);
void           given_captured(struct ctx *ctx, struct payment *payment);
/* Queues a row of the audit log; its event, if any, has the payload {}. payment_id "": about none. */
void           queue_change(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                            const char *action, const char *body, enum domain_event event);

/* --- What is there, asked as superuser ------------------------------------------------------ */

void        sql_run(const char *format, ...) __attribute__((format(printf, 1, 2)));
int64_t     sql_number(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Until the next call. */
const char *sql_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

void assert_ok(const struct problem *problem);
void assert_same_payment(const struct payment *a, const struct payment *b);
/* It and its order are locked by somebody's open transaction. */
void assert_locked(const struct payment *payment);
void assert_problem(const struct problem *problem, enum problem_type type, bool repeatable);

/* --- The server, and rivals ----------------------------------------------------------------- */

/* "restart -m fast", "stop -m immediate", "start" */
void server_control(const char *arguments);
/* Runs body(worker, i) in its own thread with its own worker for i = 0..count-1, all at once. */
void at_once(int count, void (*body)(struct ctx *worker, int number));
void sleep_ms(int ms);

#endif
