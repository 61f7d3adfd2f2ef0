/* What is taken for a card's number, and what must not be. */
#include "infrastructure/api/card_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect(const char *const *texts, bool found)
{
    for (; *texts != NULL; texts++)
        if (card_number_is_in(*texts) != found)
            fail_msg("\"%s\" is %staken for a card's number", *texts, found ? "not " : "");
}

/* The published test numbers of the schemes. */
static void numbers_of_every_scheme_are_found(void **state)
{
    static const char *const texts[] = {
        "4242424242424242", "4222222222222", "4000056655665556", "5555555555554444", "2223003122003222",
        "2720990000000007", "378282246310005", "371449635398431", "6011111111111117", "3056930009020004",
        "36227206271667", "3566002020360505", "6200000000000005", "6304000000000000", NULL
    };

    (void) state;
    expect(texts, true);
}

static void they_are_found_as_they_are_printed_and_anywhere(void **state)
{
    static const char *const texts[] = {
        "4242 4242 4242 4242", "4242-4242-4242-4242", "3782 822463 10005", "3056 930009 0204 is 3056-930009-0200",
        "card:4242424242424242;", "pay4242424242424242now", "order 17, 4242 4242 4242 4242 12/34 123",
        "1 4242424242424242", "000 4242 4242 4242 4242", "4242 4242 4242 4242 4242", "\xe2\x82\xac" "4242424242424242",
        NULL
    };

    (void) state;
    expect(texts, true);
}

static void other_numbers_are_left_alone(void **state)
{
    static const char *const texts[] = {
        "", "4242", "4242424242424241", "424242424242", "42424242424242424242", "1763866800000", "1111111111116",
        "9999999999999995", "0000000000000000", "+49 30 1234567", "2026-11-23 04:05:06",
        "8f14e45f-4123-4123-8123-123456789012", "41234567-4123-4123-8123-412345678901",
        "4242.4242.4242.4242", "4242  4242  4242  4242", "42 42 42 42 42 42 42 42", "4242 4242 4242 424x4242", NULL
    };

    (void) state;
    expect(texts, false);
}

static void every_wrong_digit_is_noticed(void **state)
{
    char text[] = "4242424242424242";

    (void) state;
    for (size_t i = 2; i < sizeof(text) - 1; i++)
        for (char digit = '0'; digit <= '9'; digit++) {
            char right = text[i];

            text[i] = digit;
            assert_int_equal(card_number_is_in(text), digit == right);
            text[i] = right;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_scheme_are_found),
        cmocka_unit_test(they_are_found_as_they_are_printed_and_anywhere),
        cmocka_unit_test(other_numbers_are_left_alone),
        cmocka_unit_test(every_wrong_digit_is_noticed),
    };

    return cmocka_run_group_tests_name("card_number", tests, NULL, NULL);
}
