/*
 * money.h - an amount in one currency, in whole minor units.
 *
 * No floating point and no implicit currency: amounts of different currencies
 * never compare equal. Plain values; nothing to free.
 * Source: ISO 4217 (currency codes, number of minor digits: currency.h).
 */
#ifndef PAYAPI_DOMAIN_MONEY_H
#define PAYAPI_DOMAIN_MONEY_H

#include <stdint.h>

#include "base/bytes.h"

/* docs/contract.md section 2: the largest amount we take */
#define MONEY_MINOR_MAX INT64_C(999999999999)
#define MONEY_TEXT_MAX  32                      /* enough for any printed amount and its NUL */

struct money {
    int64_t minor;              /* cents, kobo, yen: never a fraction of one */
    char    currency[4];        /* "USD", upper case, NUL-terminated */
};

enum money_error {
    MONEY_OK,
    MONEY_UNKNOWN_CURRENCY,
    MONEY_NOT_DECIMAL,          /* not digits[.digits]: exponent, sign +, blanks, empty */
    MONEY_TOO_MANY_DECIMALS,    /* 99.999 USD, 10.5 JPY (trailing zeros count too) */
    MONEY_NOT_POSITIVE,         /* zero or negative */
    MONEY_TOO_LARGE             /* above MONEY_MINOR_MAX */
};

/* Minor units in a known currency, 1..MONEY_MINOR_MAX. */
MUST_CHECK enum money_error money_from_minor(int64_t minor, const char *currency,
                                             struct money *money_out);
/* A decimal in major units as text: "99.99" USD is 9999. The text need not end with a NUL. */
MUST_CHECK enum money_error money_from_decimal(struct bytes decimal, const char *currency,
                                               struct money *money_out);
/* "99.99", "-0.05", "1000" (JPY): all decimals of the currency, no grouping. Any int64 prints. */
void money_print_decimal(struct money money, char text_out[static MONEY_TEXT_MAX]);

MUST_CHECK bool money_equal(struct money a, struct money b);    /* amount and currency */

#endif
