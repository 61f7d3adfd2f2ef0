/* What is taken for a card's number, and what must not be. */
#include "infrastructure/api/input/card_number.h"

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

static void other_spellings_are_found(void **state)
{
    static const char *const texts[] = {
        "4242.4242.4242.4242", "4242  4242  4242  4242", "4242 - 4242 - 4242 - 4242", "4242/4242/4242/4242",
        "4242_4242_4242_4242", "4242:4242:4242:4242", "4242,4242,4242,4242", "4242 4242-4242.4242", "4242\t4242\t4242\t4242",
        "42 42 42 42 42 42 42 42", "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2", "4-2-4-2-4-2-4-2-4-2-4-2-4-2-4-2",
        "424 242 424 242 424 2", "42424242 42424242", "424242,424242,4242",
        "4242\xc2\xa0" "4242\xc2\xa0" "4242\xc2\xa0" "4242",                           /* no-break space */
        "4242\xe2\x80\xaf" "4242\xe2\x80\xaf" "4242\xe2\x80\xaf" "4242",               /* narrow one */
        "4242\xe2\x80\x93" "4242\xe2\x80\x93" "4242\xe2\x80\x93" "4242",               /* en dash */
        "4242\xe2\x80\x8b" "4242\xe2\x80\x8b" "4242\xe2\x80\x8b" "4242",               /* zero width */
        "4242\xc2\xad" "4242\xc2\xad" "4242\xc2\xad" "4242",                           /* soft hyphen */
        "4242\xe3\x80\x80" "4242\xe3\x80\x80" "4242\xe3\x80\x80" "4242",               /* ideographic */
        "\xef\xbc\x94\xef\xbc\x92\xef\xbc\x94\xef\xbc\x92" "424242424242",             /* full width */
        "\xd9\xa4\xd9\xa2\xd9\xa4\xd9\xa2 \xd9\xa4\xd9\xa2\xd9\xa4\xd9\xa2 4242 4242",    /* Arabic */
        "\xe0\xa5\xaa\xe0\xa5\xa8" "42424242424242",                                 /* Devanagari */
        "\xf0\x9d\x9f\x92\xf0\x9d\x9f\x90" "42424242424242",                         /* mathematical */
        "4242%204242%204242%204242", "4242%2D4242%2d4242%2D4242", "%34%32%34%32%34%32%34%32%34%32%34%32%34%32%34%32",
        "%2534%2532%2534%2532424242424242", "4242%C2%A04242%C2%A04242%C2%A04242", "%EF%BC%94242424242424242",
        "4242%25204242%25204242%25204242", NULL
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
        "4242 4242 4242 424x4242", "4242 4242 4242    4242", "42 42 42 4 242 42 42 42", "42 42-42 42 42 42 42 42",
        "3, 12/11/2026 10:30, 2 for 49.99", "42%", "4242 4242 4242 42%42", "%34", "%", "%3", "%%34", "100%2542", "4242424242 424242",
        "5 tickets, row 42, seats 17-20, 23-28, gate 3", "\xd9", "4242424242424\xf0\x9d", "\xf0\x9f\x98\x80 2026", NULL
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
        cmocka_unit_test(other_spellings_are_found),
        cmocka_unit_test(other_numbers_are_left_alone),
        cmocka_unit_test(every_wrong_digit_is_noticed),
    };

    return cmocka_run_group_tests_name("card_number", tests, NULL, NULL);
}
