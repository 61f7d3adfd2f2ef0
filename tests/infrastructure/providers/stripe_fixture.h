/*
 * stripe_fixture.h - a payment, a Stripe account and recorded documents that fit each other.
 */
#ifndef PAYAPI_TESTS_STRIPE_FIXTURE_H
#define PAYAPI_TESTS_STRIPE_FIXTURE_H

#include <jansson.h>

#include "infrastructure/providers/adapters.h"

#define FIXTURE_PAYMENT_ID "pay_01KE0000000000000000000001"
#define FIXTURE_SECRET_KEY "sk_test_canary0123456789"
#define FIXTURE_NOW_S      INT64_C(1767225610)

/* Group set-up and tear-down: one arena, emptied between tests by fixture_reset. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
int fixture_reset(void **state);

struct ctx *given_a_ctx(void);                  /* clock at FIXTURE_NOW_S */
/* 99.99 USD, id FIXTURE_PAYMENT_ID, no provider reference yet. */
struct payment given_a_payment(void);
struct order   given_an_order(void);            /* abc-123, without a description */

/* A test-mode account with one webhook secret; freed by fixture_reset. */
const struct provider *given_stripe(void);
const struct provider *given_stripe_with(struct provider_config settings);

/* tests/infrastructure/providers/<name>; ends with a NUL that is not counted. */
struct bytes given_file(const char *name);
json_t      *given_json(const char *name);
/* documents/<name>.json */
struct bytes given_document(const char *name);
/* The document with one member, at a path of names that ends with NULL, set to JSON text. */
struct bytes given_document_with(const char *name, const char *const *path, const char *value);
struct bytes given_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
