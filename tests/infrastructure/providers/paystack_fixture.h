/*
 * paystack_fixture.h - a Paystack account and recorded documents for the payment of stripe_fixture.h.
 */
#ifndef PAYAPI_TESTS_PAYSTACK_FIXTURE_H
#define PAYAPI_TESTS_PAYSTACK_FIXTURE_H

#include "infrastructure/providers/adapters.h"
#include "infrastructure/providers/stripe_fixture.h"

#define FIXTURE_PAYSTACK_KEY "sk_test_0123456789abcdef0123456789abcdef01234567"
#define FIXTURE_REFERENCE    "pay-01KE0000000000000000000001"

/* 100.00 NGN at Paystack, no reference known yet. */
struct payment given_a_naira_payment(void);

/* A test-mode account; freed by fixture_reset. Also the only provider of given_a_paystack_ctx. */
const struct provider *given_paystack(void);
const struct provider *given_paystack_with(struct provider_config settings);
struct ctx            *given_a_paystack_ctx(const struct provider *provider);

/* A verification of that payment with these members of data set to JSON text: name, text, ..., NULL. */
struct bytes given_verification(const char *name, ...);

#endif
