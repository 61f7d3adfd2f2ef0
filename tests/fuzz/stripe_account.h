/*
 * stripe_account.h - a Stripe in test mode and a payment of 99.99 USD, for the targets that read what
 * Stripe says.
 */
#ifndef PAYAPI_TESTS_FUZZ_STRIPE_ACCOUNT_H
#define PAYAPI_TESTS_FUZZ_STRIPE_ACCOUNT_H

#include "infrastructure/providers/adapters.h"

#define FUZZ_WEBHOOK_SECRET "whsec_fuzz"
#define FUZZ_NOW_MS         INT64_C(1767225610000)

const struct provider *fuzz_stripe(void);
struct payment fuzz_payment(void);

#endif
