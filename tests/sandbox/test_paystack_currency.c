#include "sandbox/paystack/paystack_currency.h"

#include "check.h"

/* docs/facts.md, 9 */
static const struct {
    const char *currency;
    int64_t     minimum, step;
    const char *shown;          /* 1234500 of it */
} expected[] = {
    { "NGN", 5000, 1, "12345.00 NGN" }, { "USD", 200, 1, "12345.00 USD" },
    { "GHS", 10, 1, "12345.00 GHS" },   { "ZAR", 100, 1, "12345.00 ZAR" },
    { "KES", 300, 1, "12345.00 KES" },  { "XOF", 100, 100, "12345 XOF" },
};

static void each_currency_has_its_minimum_and_step(void **state)
{
    (void) state;

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct strbuf shown = { 0 };

        assert_int_equal(paystack_currency_minimum(expected[i].currency), expected[i].minimum);
        assert_int_equal(paystack_currency_step(expected[i].currency), expected[i].step);
        paystack_currency_add(&shown, 1234500, expected[i].currency);
        assert_string_equal(shown.bytes, expected[i].shown);
        strbuf_free(&shown);
    }
}

static void a_code_is_a_whole_word_of_the_list(void **state)
{
    (void) state;

    assert_true(paystack_currency_is_in(PAYSTACK_CURRENCIES, "NGN"));
    assert_true(paystack_currency_is_in(PAYSTACK_CURRENCIES, "XOF"));
    assert_false(paystack_currency_is_in(PAYSTACK_CURRENCIES, "ngn"));
    assert_false(paystack_currency_is_in(PAYSTACK_CURRENCIES, "GN "));
    assert_false(paystack_currency_is_in(PAYSTACK_CURRENCIES, "NG"));
    assert_false(paystack_currency_is_in(PAYSTACK_CURRENCIES, "EUR"));
    assert_false(paystack_currency_is_in("", "NGN"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_currency_has_its_minimum_and_step),
        cmocka_unit_test(a_code_is_a_whole_word_of_the_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
