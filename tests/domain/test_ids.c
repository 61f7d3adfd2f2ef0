/* Ids: form, order, strictness. */
#include "domain/ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const unsigned char zeros[ID_RANDOM_BYTES];
static const unsigned char ones[ID_RANDOM_BYTES] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

static void an_id_is_its_prefix_the_time_and_the_random_bits(void **state)
{
    static const unsigned char counting[] = { 0x00, 0x44, 0x32, 0x14, 0xc7,
                                              0x42, 0x54, 0xb6, 0x35, 0xcf };
    char text[ID_TEXT_MAX];
    (void) state;

    id_print("pay", 0, zeros, text);
    assert_string_equal(text, "pay_00000000000000000000000000");
    id_print("ord", (INT64_C(1) << 48) - 1, ones, text);
    assert_string_equal(text, "ord_7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    id_print("evt", 31, zeros, text);
    assert_string_equal(text, "evt_000000000Z0000000000000000");
    id_print("evt", 32, zeros, text);
    assert_string_equal(text, "evt_00000000100000000000000000");
    id_print("whe", 0, counting, text);                 /* 0, 1, 2 ... 15, five bits each */
    assert_string_equal(text, "whe_00000000000123456789ABCDEF");
    id_print("pay", INT64_C(1469918176385), zeros, text);       /* the example of the ULID text */
    assert_memory_equal(text, "pay_01ARYZ6S41", 14);
}

static void every_random_bit_reaches_the_text(void **state)
{
    char without[ID_TEXT_MAX], with[ID_TEXT_MAX];
    (void) state;

    id_print("pay", 1, zeros, without);
    for (int bit = 0; bit < 8 * ID_RANDOM_BYTES; bit++) {
        unsigned char random[ID_RANDOM_BYTES] = { 0 };
        int different = 0;

        random[bit / 8] = (unsigned char) (1 << bit % 8);
        id_print("pay", 1, random, with);
        for (size_t i = 0; i < strlen(with); i++)
            different += with[i] != without[i];
        assert_int_equal(different, 1);
    }
}

static void ids_sort_by_time(void **state)
{
    struct dice dice = dice_new();
    char earlier[ID_TEXT_MAX], later[ID_TEXT_MAX];
    (void) state;

    for (int i = 0; i < 100000; i++) {
        const int64_t ms = (int64_t) dice_below(&dice, UINT64_C(1) << dice_below(&dice, 48));

        id_print("pay", ms, ones, earlier);
        id_print("pay", ms + 1, zeros, later);
        assert_true(strcmp(earlier, later) < 0);
    }
}

static void a_printed_id_is_valid_and_only_under_its_prefix(void **state)
{
    struct dice dice = dice_new();
    (void) state;

    for (int i = 0; i < 10000; i++) {
        unsigned char random[ID_RANDOM_BYTES];
        char text[ID_TEXT_MAX];
        struct payment_id id;

        for (int n = 0; n < ID_RANDOM_BYTES; n++)
            random[n] = (unsigned char) dice_next(&dice);
        id_print("pay", (int64_t) dice_below(&dice, UINT64_C(1) << 48), random, text);
        assert_true(id_is_valid("pay", text));
        assert_false(id_is_valid("ord", text));
        assert_true(payment_id_parse(text, &id));
        assert_string_equal(id.text, text);
    }
}

static void anything_else_is_not_an_id(void **state)
{
    static const char *const texts[] = {
        "", "pay", "pay_", "pay_0", "_", "pa",
        "pay_0123456789ABCDEFGHJKMNPQR",                /* 25 characters */
        "pay_0123456789ABCDEFGHJKMNPQRST",              /* 27 */
        "pay_0123456789abcdefghjkmnpqrs",               /* one spelling only */
        "pay_0123456789ABCDEFGHIKMNPQRS",               /* I */
        "pay_0123456789ABCDEFGHLKMNPQRS",               /* L */
        "pay_0123456789ABCDEFGHOKMNPQRS",               /* O */
        "pay_0123456789ABCDEFGHUKMNPQRS",               /* U */
        "pay_0123456789ABCDEFGHJKMNPQR ",
        "pay_0123456789ABCDEFGHJKMNPQR\n",
        "pay-0123456789ABCDEFGHJKMNPQRS",
        "PAY_0123456789ABCDEFGHJKMNPQRS",
        "xpay_0123456789ABCDEFGHJKMNPQRS",
        "pay__123456789ABCDEFGHJKMNPQRS",
        "pay_0123456789ABCDEFGHJKMNPQR\xc3",
        "0123456789ABCDEFGHJKMNPQRS",
    };
    (void) state;

    assert_true(id_is_valid("pay", "pay_0123456789ABCDEFGHJKMNPQRS"));
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct payment_id id = { "untouched" };

        assert_false(id_is_valid("pay", texts[i]));
        assert_false(payment_id_parse(texts[i], &id));
        assert_string_equal(id.text, "untouched");
    }
}

static void an_order_id_may_be_the_shops_own(void **state)
{
    static const char *const good[] = {
        "1", "abc-123", "A.b_C-9", "ord_0123456789ABCDEFGHJKMNPQRS", "-", "...",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",     /* 64 */
    };
    static const char *const bad[] = {
        "", " ", "a b", "a/b", "a%2fb", "a\n", "\xc3\xa9", "a'b", "a?b", "a#b", "a:b", "a@b", "a~b",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",    /* 65 */
    };
    (void) state;

    for (size_t i = 0; i < COUNT(good); i++) {
        struct order_id id;

        assert_true(order_id_parse(good[i], &id));
        assert_string_equal(id.text, good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct order_id id = { "untouched" };

        assert_false(order_id_parse(bad[i], &id));
        assert_string_equal(id.text, "untouched");
    }
}

static void an_id_beside_another_has_its_time(void **state)
{
    static const unsigned char random[ID_RANDOM_BYTES] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 0xfe };
    char payment[ID_TEXT_MAX], refund[ID_TEXT_MAX], alone[ID_TEXT_MAX];
    (void) state;

    id_print("pay", 1760000000000, random, payment);
    id_print("ref", 1760000000001, random, alone);
    id_print_beside("ref", payment, random, refund);
    assert_true(id_is_valid("ref", refund));
    assert_string_equal(refund + 3, payment + 3);
    assert_true(id_same_time(refund, payment));
    assert_false(id_same_time(alone, payment));
    assert_string_equal(alone + 14, refund + 14);
}

static void of_one_moment_what_was_written_later_sorts_later(void **state)
{
    const int64_t at = 1760000000999, year = INT64_C(1) << 35;
    const struct { int64_t written; int rank; } in_order[] = {
        { at, 0 }, { at, 1 }, { at + 1, 0 }, { at + 1, 31 }, { at + 86400000, 4 }, { at + year - 1, 0 },
    };
    char earlier[ID_TEXT_MAX], later[ID_TEXT_MAX];
    (void) state;

    for (int i = 0; i + 1 < 6; i++) {
        id_print_since("txn", at, in_order[i].written, in_order[i].rank, ones, earlier);
        id_print_since("txn", at, in_order[i + 1].written, in_order[i + 1].rank, zeros, later);
        assert_true(id_is_valid("txn", later));
        assert_true(id_same_time(earlier, later));
        assert_true(strcmp(earlier, later) < 0);
    }
}

static void how_late_does_not_reach_the_time_of_an_id(void **state)
{
    const int64_t at = 1760000000999;
    const int64_t written[] = { 0, at - 1, at, at + (INT64_C(1) << 35), INT64_MAX };
    char late[ID_TEXT_MAX], next[ID_TEXT_MAX];
    (void) state;

    for (int i = 0; i < 5; i++) {
        id_print_since("txn", at, written[i], 31, ones, late);
        id_print_since("txn", at + 1, at + 1, 0, zeros, next);
        assert_true(id_is_valid("txn", late));
        assert_true(strcmp(late, next) < 0);
    }
}

static void exactly_65_of_256_bytes_may_stand_in_an_order_id(void **state)
{
    int allowed = 0;
    (void) state;

    for (int c = 1; c < 256; c++) {
        const char text[] = { 'a', (char) c, '\0' };
        struct order_id id;

        allowed += order_id_parse(text, &id);
    }
    assert_int_equal(allowed, 26 + 26 + 10 + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_its_prefix_the_time_and_the_random_bits),
        cmocka_unit_test(every_random_bit_reaches_the_text),
        cmocka_unit_test(ids_sort_by_time),
        cmocka_unit_test(a_printed_id_is_valid_and_only_under_its_prefix),
        cmocka_unit_test(anything_else_is_not_an_id),
        cmocka_unit_test(an_order_id_may_be_the_shops_own),
        cmocka_unit_test(an_id_beside_another_has_its_time),
        cmocka_unit_test(of_one_moment_what_was_written_later_sorts_later),
        cmocka_unit_test(how_late_does_not_reach_the_time_of_an_id),
        cmocka_unit_test(exactly_65_of_256_bytes_may_stand_in_an_order_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
