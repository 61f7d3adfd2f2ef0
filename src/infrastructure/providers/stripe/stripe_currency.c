/* Stripe's currencies: its decimals where they differ from ISO 4217, its minimums and maximums. */
#include "infrastructure/providers/stripe/stripe_currency.h"

#include <string.h>

#include "domain/currency.h"
#include "infrastructure/providers/shared/amounts.h"

#define CARD_MAX 999999999999   /* in Stripe's own units: twelve digits */

struct counting {
    char    code[4];
    int     exponent;           /* Stripe's decimals */
    int64_t step;               /* amounts are multiples of it */
};

/*
 * The currencies that Stripe does not count in hundredths, or not in every hundredth. All others
 * have two decimals. UGX is in Stripe's zero-decimal list as well; like ISK it is sent in
 * hundredths that end in 00, which is what the special cases of the same page say.
 */
static const struct counting special[] = {
    { "BIF", 0, 1 }, { "CLP", 0, 1 }, { "DJF", 0, 1 }, { "GNF", 0, 1 }, { "JPY", 0, 1 },
    { "KMF", 0, 1 }, { "KRW", 0, 1 }, { "MGA", 0, 1 }, { "PYG", 0, 1 }, { "RWF", 0, 1 },
    { "VND", 0, 1 }, { "VUV", 0, 1 }, { "XAF", 0, 1 }, { "XOF", 0, 1 }, { "XPF", 0, 1 },
    { "BHD", 3, 10 }, { "JOD", 3, 10 }, { "KWD", 3, 10 }, { "OMR", 3, 10 }, { "TND", 3, 10 },
    { "ISK", 2, 100 }, { "UGX", 2, 100 },
};

/* A currency that has no hundredths in ISO and is not in Stripe's list is not guessed at. */
static bool counting_of(const struct currency *currency, struct counting *counting_out)
{
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (strcmp(special[i].code, currency->code) == 0) {
            *counting_out = special[i];
            return true;
        }
    }
    *counting_out = (struct counting) { .exponent = 2, .step = 1 };
    return currency->exponent == 2;
}

bool stripe_takes_currency(const char *code)
{
    const struct currency *currency = currency_find(code);
    struct counting counting;

    return currency != NULL && counting_of(currency, &counting);
}

bool stripe_amount_from_money(struct money amount, int64_t *stripe_amount_out)
{
    const struct currency *currency = currency_find(amount.currency);
    struct counting counting;
    int64_t scaled;

    if (currency == NULL || !counting_of(currency, &counting))
        return false;
    if (!amount_rescale(amount.minor, currency->exponent, counting.exponent, &scaled))
        return false;
    if (scaled % counting.step != 0)
        return false;
    *stripe_amount_out = scaled;
    return true;
}

bool stripe_amount_to_minor(int64_t stripe_amount, const char *code, int64_t *minor_out)
{
    const struct currency *currency = currency_find(code);
    struct counting counting;
    int64_t minor;

    if (currency == NULL || !counting_of(currency, &counting) || stripe_amount < 0)
        return false;
    if (!amount_rescale(stripe_amount, counting.exponent, currency->exponent, &minor))
        return false;
    if (minor > MONEY_MINOR_MAX)
        return false;
    *minor_out = minor;
    return true;
}

int64_t stripe_minimum_minor(const char *code)
{
    static const struct { char code[4]; int64_t minor; } minimums[] = {
        { "AED", 200 },  { "ARS", 50 },   { "AUD", 50 },  { "BRL", 50 },   { "CAD", 50 },
        { "CHF", 50 },   { "COP", 50 },   { "CZK", 1500 }, { "DKK", 250 }, { "EUR", 50 },
        { "GBP", 30 },   { "HKD", 400 },  { "HUF", 17500 }, { "IDR", 50 }, { "ILS", 50 },
        { "INR", 50 },   { "JPY", 50 },   { "KRW", 50 },  { "MXN", 1000 }, { "MYR", 200 },
        { "NOK", 300 },  { "NZD", 50 },   { "PHP", 50 },  { "PLN", 200 },  { "RON", 200 },
        { "RUB", 50 },   { "SEK", 300 },  { "SGD", 50 },  { "THB", 1000 }, { "USD", 50 },
        { "ZAR", 50 },
    };

    for (size_t i = 0; i < sizeof(minimums) / sizeof(minimums[0]); i++)
        if (strcmp(minimums[i].code, code) == 0)
            return minimums[i].minor;
    return 0;
}

int64_t stripe_maximum_minor(const char *code)
{
    const struct currency *currency = currency_find(code);
    struct counting counting;
    int64_t minor;

    if (currency == NULL || !counting_of(currency, &counting) ||
        !amount_rescale(CARD_MAX - CARD_MAX % counting.step, counting.exponent, currency->exponent,
                        &minor))
        return 0;
    return minor;
}

/* Copies three letters that lie between first and first + 25, moved by shift. */
static bool copy_letters(const char *from, char first, int shift, char to_out[static 4])
{
    char copy[4] = "";

    if (strlen(from) != 3)
        return false;
    for (int i = 0; i < 3; i++) {
        if (from[i] < first || from[i] > first + 25)
            return false;
        copy[i] = (char) (from[i] + shift);
    }
    memcpy(to_out, copy, sizeof(copy));
    return true;
}

bool stripe_currency_write(const char *code, char name_out[static 4])
{
    return copy_letters(code, 'A', 'a' - 'A', name_out);
}

bool stripe_currency_read(const char *name, char code_out[static 4])
{
    return copy_letters(name, 'a', 'A' - 'a', code_out);
}
