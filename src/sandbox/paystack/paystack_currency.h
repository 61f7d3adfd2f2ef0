/*
 * paystack_currency.h - Paystack's currencies: smallest charges, divisibility.
 *
 * Codes are upper case. Amounts are hundredths of the unit, even of XOF, which has none.
 * Source: docs/facts.md, 9.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_CURRENCY_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_CURRENCY_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/kit/strbuf.h"

#define PAYSTACK_CURRENCY_BYTES 4
#define PAYSTACK_CURRENCIES     "NGN USD GHS ZAR KES XOF"
#define PAYSTACK_AMOUNT_MAX     INT64_C(999999999999999)

/* Whether the code is a word of the list, e.g. "NGN USD". */
bool paystack_currency_is_in(const char *list, const char *currency);

/* The smallest charge in a currency of PAYSTACK_CURRENCIES. */
int64_t paystack_currency_minimum(const char *currency);

/* Amounts must be a multiple of this: 100 for XOF, else 1. */
int64_t paystack_currency_step(const char *currency);

/* "100.00 NGN", "500 XOF" */
void paystack_currency_add(struct strbuf *text, int64_t amount, const char *currency);

#endif
