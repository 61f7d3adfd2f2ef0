/* Whole numbers as digits. */
#include "base/digits.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_printed_as_printf_does(int64_t number)
{
    char text[DIGITS_TEXT_MAX], expected[32];
    const char *end = digits_print(number, text);

    (void) snprintf(expected, sizeof(expected), "%" PRId64, number);
    assert_string_equal(text, expected);
    assert_ptr_equal(end, text + strlen(expected));
}

static void every_length_and_both_signs_are_printed_as_printf_does(void **state)
{
    char largest[DIGITS_TEXT_MAX];

    (void) state;
    assert_printed_as_printf_does(0);
    assert_printed_as_printf_does(INT64_MAX);
    assert_printed_as_printf_does(INT64_MIN);
    assert_ptr_equal(digits_print_u64(UINT64_MAX, largest), largest + 20);
    assert_string_equal(largest, "18446744073709551615");
    for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10)
        for (int64_t near = power - 1; near <= power + 1; near++) {
            assert_printed_as_printf_does(near);
            assert_printed_as_printf_does(-near);
        }
}

static void a_fixed_count_keeps_zeros_in_front_and_the_last_digits(void **state)
{
    char text[] = "........";

    (void) state;
    assert_ptr_equal(digits_put(text + 1, 7, 3), text + 4);
    assert_string_equal(text, ".007....");
    digits_put(text + 1, 12345, 3);
    assert_string_equal(text, ".345....");
    assert_ptr_equal(digits_put(text, 9, 0), text);
    assert_string_equal(text, ".345....");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_and_both_signs_are_printed_as_printf_does),
        cmocka_unit_test(a_fixed_count_keeps_zeros_in_front_and_the_last_digits),
    };

    return cmocka_run_group_tests_name("digits", tests, NULL, NULL);
}
