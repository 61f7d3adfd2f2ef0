/*
 * stripe_currency.h - amounts as Stripe counts them, to and from ISO 4217 minor units.
 *
 * Stripe's number of decimals is not always ISO's (MGA, ISK, UGX), and some currencies allow only
 * every tenth or hundredth amount. An amount that cannot be expressed exactly is refused.
 * Whether an amount is too small or too large is left to Stripe: that depends on the account.
 * Source: docs.stripe.com/currencies (zero-decimal, three-decimal, special cases, minimum and
 * maximum charge amounts); docs/facts.md section 5.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_STRIPE_STRIPE_CURRENCY_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_STRIPE_STRIPE_CURRENCY_H

#include "domain/money.h"

/* True if some amounts can be expressed; whether the account accepts it, only Stripe knows. */
bool stripe_takes_currency(const char *code);
/* False, leaving *_out alone: an unknown currency, or more digits than Stripe has. */
MUST_CHECK bool stripe_amount_from_money(struct money amount, int64_t *stripe_amount_out);
/* code: upper case. False too for a negative amount and one beyond MONEY_MINOR_MAX. */
MUST_CHECK bool stripe_amount_to_minor(int64_t stripe_amount, const char *code, int64_t *minor_out);

/*
 * The smallest and largest charge that Stripe documents, in ISO minor units; 0: none documented. An
 * account that settles in another currency has another minimum.
 */
int64_t stripe_minimum_minor(const char *code);
int64_t stripe_maximum_minor(const char *code);

/* "USD" to "usd" and back. False, leaving *_out alone, unless it is three letters of that case. */
MUST_CHECK bool stripe_currency_write(const char *code, char name_out[static 4]);
MUST_CHECK bool stripe_currency_read(const char *name, char code_out[static 4]);

#endif
