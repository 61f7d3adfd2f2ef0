/*
 * stripe_currency.h - Stripe's currencies: exponents, smallest charges, divisibility.
 *
 * Codes are lower case; amounts are in Stripe's minor unit. Source: docs/facts.md, 5.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_CURRENCY_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_CURRENCY_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/kit/strbuf.h"

#define STRIPE_AMOUNT_MAX 999999999999  /* 12 digits: what a card takes */

bool stripe_currency_is_known(const char *currency);

/* Digits after the decimal point: 0, 2 or 3. */
int stripe_currency_exponent(const char *currency);

/* The smallest charge. */
int64_t stripe_currency_minimum(const char *currency);

/* Amounts must be a multiple of this: 1, 10 or 100. */
int64_t stripe_currency_step(const char *currency);

/* "99.99 USD" */
void stripe_currency_add(struct strbuf *text, int64_t amount, const char *currency);

#endif
