/* Amounts: whole minor units, decimals, limits. */
#include "domain/money.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dice.h"
#include "domain/currency.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct money untouched = { 77, "XAD" };

static void assert_money(struct money money, int64_t minor, const char *currency)
{
    assert_true(money.minor == minor);
    assert_string_equal(money.currency, currency);
}

/* --- From minor units --------------------------------------------------------------------- */

static void an_amount_lies_between_one_and_the_largest_we_take(void **state)
{
    static const struct { int64_t minor; enum money_error error; } examples[] = {
        { INT64_MIN,            MONEY_NOT_POSITIVE },
        { -1,                   MONEY_NOT_POSITIVE },
        { 0,                    MONEY_NOT_POSITIVE },
        { 1,                    MONEY_OK           },
        { 9999,                 MONEY_OK           },
        { MONEY_MINOR_MAX,      MONEY_OK           },
        { MONEY_MINOR_MAX + 1,  MONEY_TOO_LARGE    },
        { INT64_MAX,            MONEY_TOO_LARGE    },
    };
    (void) state;

    for (size_t i = 0; i < COUNT(examples); i++) {
        struct money money = untouched;

        assert_int_equal(money_from_minor(examples[i].minor, "USD", &money), examples[i].error);
        if (examples[i].error == MONEY_OK)
            assert_money(money, examples[i].minor, "USD");
        else
            assert_true(money_equal(money, untouched));
    }
}

static void an_amount_needs_a_known_currency(void **state)
{
    static const char *const codes[] = { NULL, "", "usd", "USDX", "XAU", "ANG" };
    struct money money = untouched;
    (void) state;

    for (size_t i = 0; i < COUNT(codes); i++) {
        assert_int_equal(money_from_minor(1, codes[i], &money), MONEY_UNKNOWN_CURRENCY);
        assert_int_equal(money_from_decimal(bytes_of("1"), codes[i], &money),
                         MONEY_UNKNOWN_CURRENCY);
    }
    assert_true(money_equal(money, untouched));
}

/* --- From a decimal ----------------------------------------------------------------------- */

static void a_decimal_is_read_without_rounding(void **state)
{
    static const struct {
        const char *text, *currency; enum money_error error; int64_t minor;
    } examples[] = {
        { "99.99",          "USD", MONEY_OK, 9999 },
        { "99.9",           "USD", MONEY_OK, 9990 },
        { "99",             "USD", MONEY_OK, 9900 },
        { "0.01",           "USD", MONEY_OK, 1 },
        { "0.1",            "USD", MONEY_OK, 10 },
        { "1.10",           "USD", MONEY_OK, 110 },
        { "1000",           "JPY", MONEY_OK, 1000 },
        { "1",              "JPY", MONEY_OK, 1 },
        { "1.234",          "KWD", MONEY_OK, 1234 },
        { "1.2",            "KWD", MONEY_OK, 1200 },
        { "0.0001",         "CLF", MONEY_OK, 1 },
        { "0.29",           "USD", MONEY_OK, 29 },              /* 28 by binary floating point */
        { "1.005",          "KWD", MONEY_OK, 1005 },
        { "8589934.59",     "USD", MONEY_OK, 858993459 },
        { "9999999999.99",  "USD", MONEY_OK, MONEY_MINOR_MAX },
        { "999999999999",   "JPY", MONEY_OK, MONEY_MINOR_MAX },
        { "999999999.999",  "KWD", MONEY_OK, MONEY_MINOR_MAX },

        { "10000000000",    "USD", MONEY_TOO_LARGE, 0 },
        { "10000000000.00", "USD", MONEY_TOO_LARGE, 0 },
        { "1000000000000",  "JPY", MONEY_TOO_LARGE, 0 },
        { "1000000000",     "KWD", MONEY_TOO_LARGE, 0 },
        { "92233720368547758.07",   "USD", MONEY_TOO_LARGE, 0 },        /* 2^63 - 1 */
        { "92233720368547758.08",   "USD", MONEY_TOO_LARGE, 0 },
        { "184467440737095516.17",  "USD", MONEY_TOO_LARGE, 0 },        /* 2^64 + 1 */
        { "184467440737095516170",  "USD", MONEY_TOO_LARGE, 0 },
        { "99999999999999999999999999999999999999999999", "USD", MONEY_TOO_LARGE, 0 },
        { "-99999999999999999999999999999999999999999999", "USD", MONEY_NOT_POSITIVE, 0 },

        { "99.999",         "USD", MONEY_TOO_MANY_DECIMALS, 0 },
        { "99.990",         "USD", MONEY_TOO_MANY_DECIMALS, 0 },        /* zeros count too */
        { "10.5",           "JPY", MONEY_TOO_MANY_DECIMALS, 0 },
        { "10.0",           "JPY", MONEY_TOO_MANY_DECIMALS, 0 },
        { "0.000",          "USD", MONEY_TOO_MANY_DECIMALS, 0 },
        { "-1.234",         "USD", MONEY_TOO_MANY_DECIMALS, 0 },
        { "1.00000",        "CLF", MONEY_TOO_MANY_DECIMALS, 0 },

        { "0",              "USD", MONEY_NOT_POSITIVE, 0 },
        { "0.00",           "USD", MONEY_NOT_POSITIVE, 0 },
        { "-0",             "USD", MONEY_NOT_POSITIVE, 0 },
        { "-0.00",          "USD", MONEY_NOT_POSITIVE, 0 },
        { "-5",             "USD", MONEY_NOT_POSITIVE, 0 },
        { "-0.01",          "USD", MONEY_NOT_POSITIVE, 0 },
        { "0",              "JPY", MONEY_NOT_POSITIVE, 0 },
    };
    (void) state;

    for (size_t i = 0; i < COUNT(examples); i++) {
        struct money money = untouched;
        const enum money_error error =
            money_from_decimal(bytes_of(examples[i].text), examples[i].currency, &money);

        if (error != examples[i].error)
            print_error("# %s %s\n", examples[i].text, examples[i].currency);
        assert_int_equal(error, examples[i].error);
        if (error == MONEY_OK)
            assert_money(money, examples[i].minor, examples[i].currency);
        else
            assert_true(money_equal(money, untouched));
    }
}

static void what_is_not_digits_point_digits_is_not_a_decimal(void **state)
{
    static const char *const texts[] = {
        "", "-", "+", ".", "-.", "+5", " 5", "5 ", "\t5", "5\n", "05", "00", "00.5", "-05", "007",
        "5.", ".5", "-.5", "1..2", "1.2.3", "1,5", "1'000", "1_000", "1e3", "1E3", "1.0e2", "1e-2",
        "0x10", "1f", "NaN", "nan", "inf", "Infinity", "--5", "-+5", "5-", "$5", "5 USD", "null",
        "true", "\"5\"", "\xd9\xa5", "\xef\xbc\x95", "1.-5", "1. 5", "1.5-",
    };
    (void) state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct money money = untouched;

        if (money_from_decimal(bytes_of(texts[i]), "USD", &money) != MONEY_NOT_DECIMAL)
            fail_msg("%s was taken", texts[i]);
        assert_true(money_equal(money, untouched));
    }
}

static void the_text_ends_where_its_size_says(void **state)
{
    struct money money;
    (void) state;

    assert_int_equal(money_from_decimal((struct bytes) { "12.3456", 5 }, "USD", &money), MONEY_OK);
    assert_money(money, 1234, "USD");
    assert_int_equal(money_from_decimal((struct bytes) { "12", 1 }, "USD", &money), MONEY_OK);
    assert_money(money, 100, "USD");
    assert_int_equal(money_from_decimal((struct bytes) { "1\0002", 3 }, "USD", &money),
                     MONEY_NOT_DECIMAL);
    assert_int_equal(money_from_decimal((struct bytes) { "1\0", 2 }, "USD", &money),
                     MONEY_NOT_DECIMAL);
    assert_int_equal(money_from_decimal((struct bytes) { NULL, 0 }, "USD", &money),
                     MONEY_NOT_DECIMAL);
}

/* All texts of up to six of these characters, judged by a regular expression. */
static void a_regular_expression_agrees_on_every_short_text(void **state)
{
    static const char alphabet[] = "0179.-+e ";
    const size_t letters = sizeof(alphabet) - 1;
    size_t text_count = 1;
    regex_t regex;
    (void) state;

    assert_int_equal(regcomp(&regex, "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$", REG_EXTENDED | REG_NOSUB),
                     0);
    for (size_t length = 1; length <= 6; length++) {
        text_count *= letters;
        for (size_t number = 0; number < text_count; number++) {
            char text[8] = "";
            size_t rest = number;
            struct money money;

            for (size_t i = 0; i < length; i++, rest /= letters)
                text[i] = alphabet[rest % letters];
            if ((money_from_decimal(bytes_of(text), "UYW", &money) != MONEY_NOT_DECIMAL)
                    != (regexec(&regex, text, 0, NULL, 0) == 0))
                fail_msg("\"%s\"", text);
        }
    }
    regfree(&regex);
}

/* --- Printing ----------------------------------------------------------------------------- */

static void an_amount_is_printed_with_all_decimals_of_its_currency(void **state)
{
    static const struct { struct money money; const char *text; } examples[] = {
        { { 9999, "USD" },              "99.99" },
        { { 9990, "USD" },              "99.90" },
        { { 5, "USD" },                 "0.05" },
        { { 0, "USD" },                 "0.00" },
        { { -5, "USD" },                "-0.05" },
        { { -100, "USD" },              "-1.00" },
        { { -12345, "USD" },            "-123.45" },
        { { 1000, "JPY" },              "1000" },
        { { -1000, "JPY" },             "-1000" },
        { { 0, "JPY" },                 "0" },
        { { 1, "KWD" },                 "0.001" },
        { { 1234, "KWD" },              "1.234" },
        { { 1, "CLF" },                 "0.0001" },
        { { MONEY_MINOR_MAX, "USD" },   "9999999999.99" },
        { { INT64_MAX, "USD" },         "92233720368547758.07" },
        { { INT64_MIN, "USD" },         "-92233720368547758.08" },
        { { INT64_MIN, "JPY" },         "-9223372036854775808" },
        { { INT64_MIN, "UYW" },         "-922337203685477.5808" },
    };
    (void) state;

    for (size_t i = 0; i < COUNT(examples); i++) {
        char text[MONEY_TEXT_MAX];

        money_print_decimal(examples[i].money, text);
        assert_string_equal(text, examples[i].text);
    }
}

static void assert_round_trip(int64_t minor, const struct currency *currency)
{
    struct money money, again;
    char text[MONEY_TEXT_MAX];

    assert_int_equal(money_from_minor(minor, currency->code, &money), MONEY_OK);
    money_print_decimal(money, text);
    if (money_from_decimal(bytes_of(text), currency->code, &again) != MONEY_OK
            || !money_equal(money, again))
        fail_msg("%lld %s was printed as %s", (long long) minor, currency->code, text);
}

static void what_was_printed_is_read_back_in_every_currency(void **state)
{
    struct dice dice = dice_new();
    size_t count;
    const struct currency *table = currency_table(&count);
    (void) state;

    for (size_t i = 0; i < count; i++) {
        for (int64_t edge = 1; edge <= MONEY_MINOR_MAX; edge *= 10) {
            assert_round_trip(edge, &table[i]);
            assert_round_trip(edge > 1 ? edge - 1 : 1, &table[i]);
            assert_round_trip(edge + 1, &table[i]);
        }
        assert_round_trip(MONEY_MINOR_MAX, &table[i]);
        for (int n = 0; n < 2000; n++) {
            const int64_t limit = INT64_C(1) << dice_below(&dice, 40);
            const int64_t minor = 1 + (int64_t) dice_below(&dice, (uint64_t) limit);

            assert_round_trip(minor <= MONEY_MINOR_MAX ? minor : MONEY_MINOR_MAX, &table[i]);
        }
    }
}

/* The digits of the minor units are the digits of the text. */
static void printing_only_places_a_point(void **state)
{
    struct dice dice = dice_new();
    size_t count;
    const struct currency *table = currency_table(&count);
    (void) state;

    for (size_t i = 0; i < count; i++)
        for (int n = 0; n < 200; n++) {
            struct money money = { (int64_t) dice_next(&dice) >> dice_below(&dice, 64), "" };
            char text[MONEY_TEXT_MAX];
            char *point;

            memcpy(money.currency, table[i].code, sizeof(money.currency));
            money_print_decimal(money, text);
            point = strchr(text, '.');
            assert_int_equal(point != NULL ? strlen(point) - 1 : 0, table[i].exponent);
            if (point != NULL)
                memmove(point, point + 1, strlen(point));
            assert_true(strtoll(text, NULL, 10) == money.minor);
        }
}

/* --- Comparing ---------------------------------------------------------------------------- */

static void amounts_are_equal_in_amount_and_currency(void **state)
{
    const struct money usd = { 100, "USD" }, eur = { 100, "EUR" };
    (void) state;

    assert_true(money_equal(usd, usd));
    assert_false(money_equal(usd, eur));
    assert_false(money_equal(usd, (struct money) { 101, "USD" }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_amount_lies_between_one_and_the_largest_we_take),
        cmocka_unit_test(an_amount_needs_a_known_currency),
        cmocka_unit_test(a_decimal_is_read_without_rounding),
        cmocka_unit_test(what_is_not_digits_point_digits_is_not_a_decimal),
        cmocka_unit_test(the_text_ends_where_its_size_says),
        cmocka_unit_test(a_regular_expression_agrees_on_every_short_text),
        cmocka_unit_test(an_amount_is_printed_with_all_decimals_of_its_currency),
        cmocka_unit_test(what_was_printed_is_read_back_in_every_currency),
        cmocka_unit_test(printing_only_places_a_point),
        cmocka_unit_test(amounts_are_equal_in_amount_and_currency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
