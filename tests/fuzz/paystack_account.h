/*
 * paystack_account.h - a Paystack in test mode and a payment of 100.00 NGN, for the targets that read
 * what Paystack says.
 */
#ifndef PAYAPI_TESTS_FUZZ_PAYSTACK_ACCOUNT_H
#define PAYAPI_TESTS_FUZZ_PAYSTACK_ACCOUNT_H

#include "infrastructure/providers/adapters.h"

#define FUZZ_PAYSTACK_KEY   "sk_test_fuzz"
#define FUZZ_PAYSTACK_MS    INT64_C(1767225610000)

const struct provider *fuzz_paystack(void);
struct payment fuzz_naira_payment(void);
/* A request's context whose only provider it is. */
struct ctx fuzz_paystack_ctx(struct arena *arena);

#endif
