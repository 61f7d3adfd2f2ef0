/* Parses a NumericDate without floating point. */
#include "infrastructure/auth/numeric_date.h"

#include "infrastructure/auth/token_algorithm.h"

/* Larger ones change nothing: a token has too few digits to bring the number back into range. */
#define EXPONENT_MAX (TOKEN_SIZE_MAX + 20)

/* 19.99e2: the digits 1999, 4 of them before the point: 2 as written, and 2 by the exponent. */
struct number {
    bool         negative;
    struct bytes whole;
    struct bytes fraction;
    int64_t      before_point;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct bytes take_digits(struct bytes *rest)
{
    struct bytes digits = { rest->data, 0 };

    while (digits.size < rest->size && is_digit(digits.data[digits.size]))
        digits.size++;
    rest->data += digits.size;
    rest->size -= digits.size;
    return digits;
}

/* Takes the next byte if it is this one; false if it is not. */
static bool take(struct bytes *rest, char c)
{
    if (rest->size == 0 || *rest->data != c)
        return false;
    rest->data++;
    rest->size--;
    return true;
}

static int64_t take_exponent(struct bytes *rest)
{
    int64_t exponent = 0;
    bool negative;
    struct bytes digits;

    if (!take(rest, 'e') && !take(rest, 'E'))
        return 0;
    negative = take(rest, '-');
    if (!negative)
        (void) take(rest, '+');
    digits = take_digits(rest);
    for (size_t i = 0; i < digits.size && exponent <= EXPONENT_MAX; i++)
        exponent = exponent * 10 + (digits.data[i] - '0');
    return negative ? -exponent : exponent;
}

static struct number take_apart(struct bytes text)
{
    struct number number = { .negative = take(&text, '-') };

    number.whole = take_digits(&text);
    if (take(&text, '.'))
        number.fraction = take_digits(&text);
    number.before_point = (int64_t) number.whole.size + take_exponent(&text);
    return number;
}

static int digit_at(const struct number *number, size_t place)
{
    if (place < number->whole.size)
        return number->whole.data[place] - '0';
    place -= number->whole.size;
    return place < number->fraction.size ? number->fraction.data[place] - '0' : 0;
}

bool numeric_date_parse(struct bytes text, int64_t *seconds_out)
{
    const struct number number = take_apart(text);
    int64_t seconds = 0;

    for (int64_t place = 0; place < number.before_point; place++) {
        int digit = digit_at(&number, (size_t) place);

        if (__builtin_mul_overflow(seconds, 10, &seconds) ||
            __builtin_add_overflow(seconds, number.negative ? -digit : digit, &seconds))
            return false;
    }
    *seconds_out = seconds;
    return true;
}
