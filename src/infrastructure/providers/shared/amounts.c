/* Converts an amount to another number of decimals. */
#include "infrastructure/providers/shared/amounts.h"

static int64_t power_of_ten(int exponent)
{
    int64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

bool amount_rescale(int64_t number, int from, int to, int64_t *number_out)
{
    if (to >= from)
        return !__builtin_mul_overflow(number, power_of_ten(to - from), number_out);
    if (number % power_of_ten(from - to) != 0)
        return false;
    *number_out = number / power_of_ten(from - to);
    return true;
}
