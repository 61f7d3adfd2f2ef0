/* Amounts: a first line with the currency, then a decimal. What is taken prints and reads back the same. */
#include "fuzz.h"

#include "domain/money.h"

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *currency = fuzz_line(arena, &input);
    struct money money = { .minor = -1 }, again;
    char text[MONEY_TEXT_MAX];

    if (money_from_decimal(input, currency, &money) != MONEY_OK) {
        assert(money.minor == -1);
        return;
    }
    assert(money.minor >= 1 && money.minor <= MONEY_MINOR_MAX && strcmp(money.currency, currency) == 0);
    money_print_decimal(money, text);
    assert(money_from_decimal(bytes_of(text), currency, &again) == MONEY_OK && money_equal(money, again));
    assert(money_from_minor(money.minor, currency, &again) == MONEY_OK && money_equal(money, again));
}
