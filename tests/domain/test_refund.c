/* Statuses of a refund, and what may still be refunded. */
#include "domain/refund.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"

#define REFUND_STATUS_COUNT 5

static const char *const names[REFUND_STATUS_COUNT] = {
    "pending", "requires_action", "succeeded", "cancelled", "failed",
};

#define for_each_status(a) for (int a = 0; a < REFUND_STATUS_COUNT; a++)

static enum refund_status merge(int a, int b)
{
    return refund_merge((enum refund_status) a, (enum refund_status) b);
}

static void of_two_reports_the_later_in_a_refunds_life_is_the_truth(void **state)
{
    /* The row meets the column: p r s c f. */
    static const char *const drawing[REFUND_STATUS_COUNT] = {
        "p r s c f",
        "r r s c f",
        "s s s c f",            /* a succeeded refund can come back from the bank */
        "c c c c f",
        "f f f f f",
    };
    (void) state;

    for_each_status (a)
        for_each_status (b)
            assert_int_equal(names[merge(a, b)][0], drawing[a][2 * b]);
}

static void merging_is_idempotent_commutative_and_associative(void **state)
{
    (void) state;
    for_each_status (a) {
        assert_int_equal(merge(a, a), a);
        for_each_status (b) {
            assert_int_equal(merge(a, b), merge(b, a));
            for_each_status (c)
                assert_int_equal(merge((int) merge(a, b), c), merge(a, (int) merge(b, c)));
        }
    }
}

static void a_refund_holds_money_until_it_is_known_not_to_happen(void **state)
{
    (void) state;
    assert_true(refund_holds_money(REFUND_PENDING));
    assert_true(refund_holds_money(REFUND_REQUIRES_ACTION));
    assert_true(refund_holds_money(REFUND_SUCCEEDED));
    assert_false(refund_holds_money(REFUND_CANCELLED));
    assert_false(refund_holds_money(REFUND_FAILED));
}

static void every_name_is_read_back_and_no_other(void **state)
{
    enum refund_status status;
    (void) state;

    for_each_status (a) {
        assert_string_equal(refund_status_name((enum refund_status) a), names[a]);
        assert_true(refund_status_parse(names[a], &status));
        assert_int_equal(status, a);
    }
    status = REFUND_FAILED;
    assert_false(refund_status_parse("", &status));
    assert_false(refund_status_parse(NULL, &status));
    assert_false(refund_status_parse("Succeeded", &status));
    assert_false(refund_status_parse("success", &status));
    assert_int_equal(status, REFUND_FAILED);
}

/* --- What is left ---------------------------------------------------------------------------- */

/* Parts as a client writes them, in decimals: whatever the split, nothing is left over or short. */
static int64_t refund_part(struct payment *payment, int64_t part_minor)
{
    struct money part = { part_minor, "" };
    char decimal[MONEY_TEXT_MAX];

    memcpy(part.currency, payment->amount.currency, sizeof(part.currency));
    money_print_decimal(part, decimal);
    assert_int_equal(money_from_decimal(bytes_of(decimal), part.currency, &part), MONEY_OK);
    payment->refund_held_minor += part.minor;
    return part.minor;
}

static void a_hundred_thousand_random_splits_sum_exactly(void **state)
{
    static const char *const currencies[] = { "USD", "JPY", "KWD" };
    struct dice dice = dice_new();
    (void) state;

    for (int split = 0; split < 100000; split++) {
        struct payment payment = { .amount.minor = 1 + (int64_t) dice_below(&dice, MONEY_MINOR_MAX) };
        int64_t sum = 0;

        memcpy(payment.amount.currency, currencies[split % 3], sizeof(payment.amount.currency));
        payment.facts.captured_minor = payment.amount.minor;
        while (refund_left(&payment) > 0) {
            int64_t left = refund_left(&payment);
            bool rest = dice_one_in(&dice, 4);

            sum += refund_part(&payment, rest ? left : 1 + (int64_t) dice_below(&dice, (uint64_t) left));
        }
        assert_int_equal(refund_left(&payment), 0);
        assert_int_equal(sum, payment.facts.captured_minor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_reports_the_later_in_a_refunds_life_is_the_truth),
        cmocka_unit_test(merging_is_idempotent_commutative_and_associative),
        cmocka_unit_test(a_refund_holds_money_until_it_is_known_not_to_happen),
        cmocka_unit_test(every_name_is_read_back_and_no_other),
        cmocka_unit_test(a_hundred_thousand_random_splits_sum_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
