#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/currency.h"
#include "infrastructure/providers/stripe/stripe_currency.h"

#define REFUSED INT64_C(-1)

static int64_t sent(int64_t minor, const char *code)
{
    struct money amount = { .minor = minor };
    int64_t stripe_amount = REFUSED;

    memcpy(amount.currency, code, sizeof(amount.currency));
    if (!stripe_amount_from_money(amount, &stripe_amount))
        assert_int_equal(stripe_amount, REFUSED);
    return stripe_amount;
}

static int64_t received(int64_t stripe_amount, const char *code)
{
    int64_t minor = REFUSED;

    if (!stripe_amount_to_minor(stripe_amount, code, &minor))
        assert_int_equal(minor, REFUSED);
    return minor;
}

static void most_currencies_are_counted_as_iso_does(void **state)
{
    (void) state;

    assert_int_equal(sent(9999, "USD"), 9999);
    assert_int_equal(sent(1, "EUR"), 1);
    assert_int_equal(sent(101, "HUF"), 101);
    assert_int_equal(sent(101, "TWD"), 101);
    assert_int_equal(received(9999, "USD"), 9999);
}

/* docs/facts.md section 5, drawn once more. */
static void currencies_without_decimals_are_sent_in_whole_units(void **state)
{
    static const char *const codes[] = {
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF", "XOF",
        "XPF",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_int_equal(sent(501, codes[i]), 501);
        assert_int_equal(received(501, codes[i]), 501);
    }
}

static void three_decimals_must_end_in_zero(void **state)
{
    static const char *const codes[] = { "BHD", "JOD", "KWD", "OMR", "TND" };
    (void) state;

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_int_equal(sent(5120, codes[i]), 5120);
        assert_int_equal(sent(5124, codes[i]), REFUSED);
        assert_int_equal(received(5120, codes[i]), 5120);
    }
}

static void isk_and_ugx_are_sent_as_hundredths_that_end_in_00(void **state)
{
    (void) state;

    assert_int_equal(sent(5, "ISK"), 500);
    assert_int_equal(sent(5, "UGX"), 500);
    assert_int_equal(received(500, "ISK"), 5);
    assert_int_equal(received(550, "ISK"), REFUSED);
}

static void the_ariary_has_no_decimals_at_stripe(void **state)
{
    (void) state;

    assert_int_equal(sent(50000, "MGA"), 500);
    assert_int_equal(sent(50001, "MGA"), REFUSED);
    assert_int_equal(received(500, "MGA"), 50000);
}

static void a_currency_that_is_not_known_to_count_in_hundredths_is_refused(void **state)
{
    (void) state;

    assert_int_equal(sent(1000, "IQD"), REFUSED);
    assert_int_equal(sent(1000, "LYD"), REFUSED);
    assert_int_equal(sent(10000, "CLF"), REFUSED);
    assert_int_equal(received(1000, "IQD"), REFUSED);
    assert_int_equal(sent(100, "ZZZ"), REFUSED);
    assert_int_equal(sent(100, "usd"), REFUSED);
    assert_int_equal(received(100, ""), REFUSED);
}

static void amounts_out_of_range_are_refused(void **state)
{
    (void) state;

    assert_int_equal(received(-1, "USD"), REFUSED);
    assert_int_equal(received(MONEY_MINOR_MAX, "USD"), MONEY_MINOR_MAX);
    assert_int_equal(received(MONEY_MINOR_MAX + 1, "USD"), REFUSED);
    assert_int_equal(received(INT64_MAX, "MGA"), REFUSED);
    assert_int_equal(received(INT64_MIN, "MGA"), REFUSED);
    assert_int_equal(sent(INT64_MAX, "ISK"), REFUSED);
    assert_int_equal(sent(MONEY_MINOR_MAX, "ISK"), MONEY_MINOR_MAX * 100);
}

/* What is sent comes back as the same amount, in every currency there is. */
static void every_amount_that_is_sent_comes_back(void **state)
{
    static const int64_t amounts[] = { 1, 2, 9, 10, 50, 99, 100, 101, 999, 1000, 5120, 123456700,
                                       MONEY_MINOR_MAX };
    size_t count;
    const struct currency *all = currency_table(&count);
    int taken = 0;
    (void) state;

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizeof(amounts) / sizeof(amounts[0]); j++) {
            if (sent(amounts[j], all[i].code) == REFUSED)
                continue;
            assert_int_equal(received(sent(amounts[j], all[i].code), all[i].code), amounts[j]);
            taken++;
        }
    }
    assert_in_range(taken, 1500, 4000);
}

static void codes_are_upper_case_here_and_lower_case_there(void **state)
{
    char text[4] = "";
    (void) state;

    assert_true(stripe_currency_write("USD", text));
    assert_string_equal(text, "usd");
    assert_true(stripe_currency_read("xof", text));
    assert_string_equal(text, "XOF");
}

static void what_is_no_code_is_refused_and_changes_nothing(void **state)
{
    static const char *const wrong[] = { "", "us", "usdx", "USD", "uSd", "us1", "u d", "us\xc3" };
    char text[4] = "abc";
    (void) state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(stripe_currency_read(wrong[i], text));
    assert_false(stripe_currency_write("usd", text));
    assert_false(stripe_currency_write("US[", text));
    assert_string_equal(text, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_currencies_are_counted_as_iso_does),
        cmocka_unit_test(currencies_without_decimals_are_sent_in_whole_units),
        cmocka_unit_test(three_decimals_must_end_in_zero),
        cmocka_unit_test(isk_and_ugx_are_sent_as_hundredths_that_end_in_00),
        cmocka_unit_test(the_ariary_has_no_decimals_at_stripe),
        cmocka_unit_test(a_currency_that_is_not_known_to_count_in_hundredths_is_refused),
        cmocka_unit_test(amounts_out_of_range_are_refused),
        cmocka_unit_test(every_amount_that_is_sent_comes_back),
        cmocka_unit_test(codes_are_upper_case_here_and_lower_case_there),
        cmocka_unit_test(what_is_no_code_is_refused_and_changes_nothing),
    };

    return cmocka_run_group_tests_name("stripe_currency", tests, NULL, NULL);
}
