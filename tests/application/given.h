/*
 * given.h - the world the application's tests start in: alice and bob, two providers, an empty store.
 */
#ifndef PAYAPI_TESTS_GIVEN_H
#define PAYAPI_TESTS_GIVEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "application/commands.h"
#include "application/inbox/rejections.h"
#include "../fakes/fake_crash.h"
#include "../fakes/fake_provider.h"
#include "../fakes/fake_store.h"

#define NOW_MS INT64_C(1760000000000)
#define CHECKOUT_TTL_S 3600

extern struct store *the_store;
extern struct arena *the_arena;
extern struct rejections the_rejections;        /* none at the start of a test */

/* cmocka's setup and teardown of every test here. */
int set_up_world(void **state);
int tear_down_world(void **state);

/* A request of that user, now. */
struct ctx *given_a_request_of(const char *user);
struct ctx *given_a_request_of_an_admin(void);
/* The clocks of the worker and of the database go on. */
void given_time_passes(int64_t seconds);
void given_an_order(const char *id, const char *owner, struct money amount);
/* A key of alice's for the checkout of abc-123; each call is another request (another holder). */
const struct idempotency_key *a_key(const char *key);

struct order *the_order(const char *id);
struct payment *last_payment(void);
int payment_count(void);

const struct problem *check_out(struct ctx *ctx, const char *order_id,
                                const struct idempotency_key *key, struct answer *answer_out);
/* Runs it and expects an answer. */
struct answer checkout_answer(const char *user, const char *order_id,
                              const struct idempotency_key *key);

/* News of that payment in the provider's webhook. */
struct provider_event event_of(const char *event_id, const struct payment *payment);
struct provider_event captured_event(const char *event_id, const struct payment *payment);
struct provider_event closed_event(const char *event_id, const struct payment *payment,
                                   enum payment_close why);
struct provider_event progress_event(const char *event_id, const struct payment *payment,
                                     enum payment_progress progress, int64_t at_s);
/* News of a refund of that payment; ref and id "" when not named. */
struct provider_event refund_event(const char *event_id, const struct payment *payment,
                                   const char *refund_id, const char *ref, int64_t amount_minor,
                                   enum refund_status status);
const struct problem *deliver(const struct provider_event *event, enum webhook_outcome *outcome_out);
/* Delivers it and expects that outcome. */
void given_the_webhook(struct provider_event event, enum webhook_outcome expected);

void assert_body(const struct answer *answer, const char *expected);
void assert_body_has(const struct answer *answer, const char *part);

#endif
