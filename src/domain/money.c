/* Makes amounts from numbers and decimals, prints and compares them. */
#include "domain/money.h"

#include <assert.h>

#include "base/digits.h"
#include "domain/currency.h"

/* The parts of a decimal: "-12.50" is negative, whole "12", fraction "50". */
struct decimal {
    bool         negative;
    struct bytes whole;
    struct bytes fraction;
};

static bool             read_decimal(struct bytes text, struct decimal *decimal_out);
static enum money_error check(int64_t minor);
static int64_t          minor_units(const struct decimal *decimal, int exponent);
static struct money     money_of(int64_t minor, const struct currency *currency);
static uint64_t         power_of_ten(int exponent);

enum money_error money_from_minor(int64_t minor, const char *currency, struct money *money_out)
{
    const struct currency *known = currency_find(currency);
    enum money_error error;

    if (known == NULL)
        return MONEY_UNKNOWN_CURRENCY;
    error = check(minor);
    if (error == MONEY_OK)
        *money_out = money_of(minor, known);
    return error;
}

enum money_error money_from_decimal(struct bytes decimal, const char *currency,
                                    struct money *money_out)
{
    const struct currency *known = currency_find(currency);
    struct decimal parts;

    if (known == NULL)
        return MONEY_UNKNOWN_CURRENCY;
    if (!read_decimal(decimal, &parts))
        return MONEY_NOT_DECIMAL;
    if (parts.fraction.size > (size_t) known->exponent)
        return MONEY_TOO_MANY_DECIMALS;
    return money_from_minor(minor_units(&parts, known->exponent), currency, money_out);
}

void money_print_decimal(struct money money, char text_out[static MONEY_TEXT_MAX])
{
    const struct currency *currency = currency_find(money.currency);
    uint64_t minor, unit;
    char *next = text_out;

    assert(currency != NULL);
    minor = money.minor < 0 ? 0 - (uint64_t) money.minor : (uint64_t) money.minor;
    unit = power_of_ten(currency->exponent);
    if (money.minor < 0)
        *next++ = '-';                          /* also for -0.50 */
    next = digits_print_u64(minor / unit, next);
    if (currency->exponent > 0) {
        *next++ = '.';
        next = digits_put(next, minor % unit, currency->exponent);
    }
    *next = '\0';
}

bool money_equal(struct money a, struct money b)
{
    return a.minor == b.minor && strcmp(a.currency, b.currency) == 0;
}

static enum money_error check(int64_t minor)
{
    if (minor <= 0)
        return MONEY_NOT_POSITIVE;
    return minor <= MONEY_MINOR_MAX ? MONEY_OK : MONEY_TOO_LARGE;
}

static struct money money_of(int64_t minor, const struct currency *currency)
{
    struct money money = { .minor = minor };

    memcpy(money.currency, currency->code, sizeof(money.currency));
    return money;
}

/* --- Reading a decimal: -?(0|[1-9][0-9]*)(\.[0-9]+)? as JSON writes it, without exponent -- */

static struct bytes take_digits(struct bytes *rest)
{
    struct bytes digits = { rest->data, 0 };

    while (digits.size < rest->size
            && digits.data[digits.size] >= '0' && digits.data[digits.size] <= '9')
        digits.size++;
    rest->data += digits.size;
    rest->size -= digits.size;
    return digits;
}

static bool take_char(struct bytes *rest, char c)
{
    if (rest->size == 0 || *rest->data != c)
        return false;
    rest->data++;
    rest->size--;
    return true;
}

static bool read_decimal(struct bytes text, struct decimal *decimal_out)
{
    struct decimal decimal = { 0 };
    bool has_point;

    if (text.size == 0)
        return false;
    decimal.negative = take_char(&text, '-');
    decimal.whole = take_digits(&text);
    has_point = take_char(&text, '.');
    if (has_point)
        decimal.fraction = take_digits(&text);

    if (text.size > 0 || decimal.whole.size == 0)
        return false;
    if (decimal.whole.size > 1 && *decimal.whole.data == '0')
        return false;
    if (has_point && decimal.fraction.size == 0)
        return false;
    *decimal_out = decimal;
    return true;
}

/* Saturates at INT64_MAX, which is far above MONEY_MINOR_MAX. */
static int64_t append_digit(int64_t number, char digit)
{
    int64_t result;

    if (__builtin_mul_overflow(number, 10, &result)
            || __builtin_add_overflow(result, digit - '0', &result))
        return INT64_MAX;
    return result;
}

static int64_t minor_units(const struct decimal *decimal, int exponent)
{
    int64_t minor = 0;

    for (size_t i = 0; i < decimal->whole.size; i++)
        minor = append_digit(minor, decimal->whole.data[i]);
    for (size_t i = 0; i < (size_t) exponent; i++)
        minor = append_digit(minor, i < decimal->fraction.size ? decimal->fraction.data[i] : '0');
    return decimal->negative ? -minor : minor;
}

static uint64_t power_of_ten(int exponent)
{
    uint64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}
