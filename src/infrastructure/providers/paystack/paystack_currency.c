/* Paystack's currencies: their minimums, and its amounts, which always have two decimals. */
#include "infrastructure/providers/paystack/paystack_currency.h"

#include <string.h>

#include "domain/currency.h"
#include "infrastructure/providers/shared/amounts.h"

#define DECIMALS 2              /* of every currency at Paystack */

/* An account may use only those enabled for it; Paystack refuses the others. */
static const struct { char code[4]; int64_t hundredths; } minimums[] = {
    { "NGN", 5000 }, { "USD", 200 }, { "GHS", 10 }, { "ZAR", 100 }, { "KES", 300 }, { "XOF", 100 },
};

bool paystack_amount_from_money(struct money amount, int64_t *hundredths_out)
{
    const struct currency *currency = currency_find(amount.currency);

    return currency != NULL &&
           amount_rescale(amount.minor, currency->exponent, DECIMALS, hundredths_out);
}

bool paystack_amount_to_minor(int64_t hundredths, const char *code, int64_t *minor_out)
{
    const struct currency *currency = currency_find(code);
    int64_t minor;

    if (currency == NULL || hundredths < 0 ||
        !amount_rescale(hundredths, DECIMALS, currency->exponent, &minor) ||
        minor > MONEY_MINOR_MAX)
        return false;
    *minor_out = minor;
    return true;
}

bool paystack_minimum(const char *code, int64_t *hundredths_out)
{
    for (size_t i = 0; i < sizeof(minimums) / sizeof(minimums[0]); i++)
        if (strcmp(minimums[i].code, code) == 0) {
            *hundredths_out = minimums[i].hundredths;
            return true;
        }
    return false;
}

bool paystack_takes_currency(const char *code)
{
    int64_t minimum;

    return paystack_minimum(code, &minimum);
}
