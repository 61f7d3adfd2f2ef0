/* The table of Paystack's currencies. */
#include "paystack_currency.h"

#include <inttypes.h>
#include <string.h>

static const struct { const char *currency; int64_t minimum, step; } rows[] = {
    { "NGN", 5000, 1 }, { "USD", 200, 1 }, { "GHS", 10, 1 },
    { "ZAR", 100, 1 },  { "KES", 300, 1 }, { "XOF", 100, 100 },
};

bool paystack_currency_is_in(const char *list, const char *currency)
{
    const char *at = strlen(currency) == 3 ? strstr(list, currency) : NULL;

    return at != NULL && (at - list) % 4 == 0;
}

int64_t paystack_currency_minimum(const char *currency)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].currency, currency) == 0)
            return rows[i].minimum;
    return 1;
}

int64_t paystack_currency_step(const char *currency)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].currency, currency) == 0)
            return rows[i].step;
    return 1;
}

void paystack_currency_add(struct strbuf *text, int64_t amount, const char *currency)
{
    strbuf_addf(text, "%" PRId64, amount / 100);
    if (paystack_currency_step(currency) == 1)
        strbuf_addf(text, ".%02" PRId64, amount % 100);
    strbuf_addf(text, " %s", currency);
}
