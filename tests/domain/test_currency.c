/* Currencies and their digits. */
#include "domain/currency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ISO 4217 list one: all that do not have two decimals. */
static const struct currency unusual[] = {
    { "BHD", 3 }, { "BIF", 0 }, { "CLF", 4 }, { "CLP", 0 }, { "DJF", 0 }, { "GNF", 0 },
    { "IQD", 3 }, { "ISK", 0 }, { "JOD", 3 }, { "JPY", 0 }, { "KMF", 0 }, { "KRW", 0 },
    { "KWD", 3 }, { "LYD", 3 }, { "OMR", 3 }, { "PYG", 0 }, { "RWF", 0 }, { "TND", 3 },
    { "UGX", 0 }, { "UYI", 0 }, { "UYW", 4 }, { "VND", 0 }, { "VUV", 0 }, { "XAF", 0 },
    { "XOF", 0 }, { "XPF", 0 },
};

static int expected_exponent(const char *code)
{
    for (size_t i = 0; i < COUNT(unusual); i++)
        if (strcmp(unusual[i].code, code) == 0)
            return unusual[i].exponent;
    return 2;
}

static void every_currency_is_found_with_its_number_of_decimals(void **state)
{
    size_t count;
    const struct currency *table = currency_table(&count);
    (void) state;

    assert_int_equal(count, 165);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(currency_find(table[i].code), &table[i]);
        assert_int_equal(table[i].exponent, expected_exponent(table[i].code));
    }
    for (size_t i = 0; i < COUNT(unusual); i++)
        assert_non_null(currency_find(unusual[i].code));
}

static void the_table_is_sorted_and_every_code_is_three_capitals(void **state)
{
    size_t count;
    const struct currency *table = currency_table(&count);
    (void) state;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(strspn(table[i].code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), 3);
        assert_int_equal(strlen(table[i].code), 3);
        if (i > 0)
            assert_true(strcmp(table[i - 1].code, table[i].code) < 0);
    }
}

static void the_currencies_of_our_providers_are_there(void **state)
{
    static const char *const codes[] = {
        "EUR", "GBP", "GHS", "INR", "JPY", "KES", "MGA", "NGN", "TWD", "USD", "XOF", "ZAR",
    };
    (void) state;

    for (size_t i = 0; i < COUNT(codes); i++)
        assert_non_null(currency_find(codes[i]));
}

static void new_codes_funds_and_nothing_withdrawn(void **state)
{
    static const char *const active[] = {
        "BOV", "CHE", "CHW", "CLF", "COU", "MXV", "SLE", "USN", "UYI", "UYW", "VED", "XAD",
        "XCG", "ZWG",
    };
    static const char *const not_active[] = {
        "ANG", "BGN", "CUC", "HRK", "SLL", "ZWL", "DEM", "MRO", "STD", "BYR",   /* withdrawn */
        "XAG", "XAU", "XPD", "XPT", "XBA", "XDR", "XSU", "XUA",         /* no minor unit */
        "XTS", "XXX", "BTC",
    };
    (void) state;

    for (size_t i = 0; i < COUNT(active); i++)
        assert_non_null(currency_find(active[i]));
    for (size_t i = 0; i < COUNT(not_active); i++)
        assert_null(currency_find(not_active[i]));
}

static void a_code_in_another_spelling_is_unknown(void **state)
{
    static const char *const codes[] = {
        "", "U", "US", "usd", "Usd", "USDX", "USD ", " USD", "840", "\xe2\x82\xac", "AAA", "ZZZ",
    };
    (void) state;

    for (size_t i = 0; i < COUNT(codes); i++)
        assert_null(currency_find(codes[i]));
    assert_null(currency_find(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_currency_is_found_with_its_number_of_decimals),
        cmocka_unit_test(the_table_is_sorted_and_every_code_is_three_capitals),
        cmocka_unit_test(the_currencies_of_our_providers_are_there),
        cmocka_unit_test(new_codes_funds_and_nothing_withdrawn),
        cmocka_unit_test(a_code_in_another_spelling_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
