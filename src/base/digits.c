/* Prints whole numbers without printf. */
#include "base/digits.h"

char *digits_put(char *next, uint64_t number, int count)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        next[i] = (char) ('0' + number % 10);
    return next + count;
}

static int count_digits(uint64_t number)
{
    int count = 1;

    while (number >= 10) {
        number /= 10;
        count++;
    }
    return count;
}

char *digits_print_u64(uint64_t number, char *text_out)
{
    char *end = digits_put(text_out, number, count_digits(number));

    *end = '\0';
    return end;
}

char *digits_print(int64_t number, char *text_out)
{
    if (number >= 0)
        return digits_print_u64((uint64_t) number, text_out);
    text_out[0] = '-';
    return digits_print_u64(0 - (uint64_t) number, text_out + 1);
}
