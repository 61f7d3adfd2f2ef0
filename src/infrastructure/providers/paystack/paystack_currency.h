/*
 * paystack_currency.h - amounts as Paystack counts them, to and from ISO 4217 minor units.
 *
 * Paystack counts every currency in hundredths of its major unit, even those without decimals: 500
 * XOF is 50000 there (and 500 at Stripe). An amount that cannot be expressed exactly is refused,
 * never rounded. Source: paystack.com/docs/api (supported currencies, minimum amounts);
 * docs/facts.md section 9.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_PAYSTACK_PAYSTACK_CURRENCY_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_PAYSTACK_PAYSTACK_CURRENCY_H

#include "domain/money.h"

/* False, leaving *_out alone: an unknown currency, or more digits than Paystack has. */
MUST_CHECK bool paystack_amount_from_money(struct money amount, int64_t *hundredths_out);
/* False too for a negative amount and one beyond MONEY_MINOR_MAX. */
MUST_CHECK bool paystack_amount_to_minor(int64_t hundredths, const char *code, int64_t *minor_out);

/* True if some amounts can be charged; whether the account accepts it, only Paystack knows. */
bool paystack_takes_currency(const char *code);
/* The smallest charge, in hundredths. False: Paystack does not take the currency. */
MUST_CHECK bool paystack_minimum(const char *code, int64_t *hundredths_out);

#endif
