/* Facts of a payment, and the status that follows from them. */
#include "domain/payment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SNAPSHOT(at, what)     { .snapshot = { (at), PROGRESS_##what, "", "" } }
#define DECLINED(at, code, why) { .snapshot = { (at), PROGRESS_FAILED, code, why } }

/* --- Merging ------------------------------------------------------------------------------ */

/* One value of everything, and the neighbours that a wrong comparison would confuse. */
static const struct payment_facts facts_of_all_kinds[] = {
    { 0 },
    { .captured_minor = 1 },
    { .captured_minor = 100 },
    { .captured_minor = MONEY_MINOR_MAX },
    { .closed = PAYMENT_CLOSED_FAILED },
    { .closed = PAYMENT_CLOSED_EXPIRED },
    { .closed = PAYMENT_CLOSED_CANCELLED },
    { .captured_minor = 100, .closed = PAYMENT_CLOSED_EXPIRED },
    { .mismatch = true },
    { .captured_minor = 99, .mismatch = true },
    { .captured_minor = 99, .accepted = true },
    SNAPSHOT(0, OPENED),
    SNAPSHOT(10, NONE),
    SNAPSHOT(10, OPENED),
    SNAPSHOT(10, REQUIRES_ACTION),
    SNAPSHOT(10, PROCESSING),
    SNAPSHOT(11, OPENED),
    SNAPSHOT(-1, PROCESSING),
    DECLINED(10, "", ""),
    DECLINED(10, "a", ""),
    DECLINED(10, "a", "x"),
    DECLINED(10, "a", "y"),
    DECLINED(10, "ab", ""),
    DECLINED(10, "b", ""),
    DECLINED(10, "\xc3\xa9", ""),       /* bytes above 0x7f come last */
    DECLINED(11, "a", "x"),
};

static void assert_facts_equal(struct payment_facts a, struct payment_facts b)
{
    assert_true(payment_facts_equal(&a, &b));
    assert_true(payment_facts_equal(&b, &a));
}

static void merging_is_idempotent(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(facts_of_all_kinds); i++)
        assert_facts_equal(payment_facts_merge(facts_of_all_kinds[i], facts_of_all_kinds[i]),
                           facts_of_all_kinds[i]);
}

static void merging_is_commutative(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(facts_of_all_kinds); i++)
        for (size_t j = 0; j < COUNT(facts_of_all_kinds); j++) {
            const struct payment_facts a = facts_of_all_kinds[i], b = facts_of_all_kinds[j];

            assert_facts_equal(payment_facts_merge(a, b), payment_facts_merge(b, a));
        }
}

static void merging_is_associative(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(facts_of_all_kinds); i++)
        for (size_t j = 0; j < COUNT(facts_of_all_kinds); j++)
            for (size_t k = 0; k < COUNT(facts_of_all_kinds); k++) {
                const struct payment_facts a = facts_of_all_kinds[i], b = facts_of_all_kinds[j];
                const struct payment_facts c = facts_of_all_kinds[k];

                assert_facts_equal(payment_facts_merge(payment_facts_merge(a, b), c),
                                   payment_facts_merge(a, payment_facts_merge(b, c)));
            }
}

static void facts_of_different_kinds_are_not_equal(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(facts_of_all_kinds); i++)
        for (size_t j = 0; j < COUNT(facts_of_all_kinds); j++)
            assert_int_equal(payment_facts_equal(&facts_of_all_kinds[i], &facts_of_all_kinds[j]),
                             i == j);
}

static void captured_money_never_shrinks(void **state)
{
    const struct payment_facts small = { .captured_minor = 99 }, large = { .captured_minor = 100 };
    (void) state;

    assert_true(payment_facts_merge(small, large).captured_minor == 100);
    assert_true(payment_facts_merge(large, small).captured_minor == 100);
    assert_true(payment_facts_merge(large, (struct payment_facts) { 0 }).captured_minor == 100);
}

static void the_higher_reason_to_close_stays(void **state)
{
    (void) state;
    for (int a = PAYMENT_OPEN; a <= PAYMENT_CLOSED_CANCELLED; a++)
        for (int b = PAYMENT_OPEN; b <= PAYMENT_CLOSED_CANCELLED; b++) {
            const struct payment_facts merged =
                payment_facts_merge((struct payment_facts) { .closed = (enum payment_close) a },
                                    (struct payment_facts) { .closed = (enum payment_close) b });

            assert_int_equal(merged.closed, a > b ? a : b);
        }
}

static void the_newest_snapshot_stays_and_at_one_time_the_one_further_on(void **state)
{
    static const struct payment_facts in_order[] = {
        SNAPSHOT(99, NONE),                     /* knowing nothing is never newer */
        SNAPSHOT(9, PROCESSING),
        SNAPSHOT(10, OPENED),
        SNAPSHOT(10, REQUIRES_ACTION),
        SNAPSHOT(10, PROCESSING),
        DECLINED(10, "", ""),
        DECLINED(10, "card_declined", ""),
        DECLINED(10, "card_declined", "Try again."),
        DECLINED(10, "insufficient_funds", ""),
        SNAPSHOT(11, OPENED),                   /* the payer tries again */
    };
    (void) state;

    for (size_t i = 0; i < COUNT(in_order); i++)
        for (size_t j = 0; j < COUNT(in_order); j++)
            assert_facts_equal(payment_facts_merge(in_order[i], in_order[j]),
                               in_order[i > j ? i : j]);
}

static void a_failure_keeps_its_code_and_reason_together(void **state)
{
    const struct payment_facts a = DECLINED(10, "a", "reason of a");
    const struct payment_facts b = DECLINED(10, "b", "reason of b");
    const struct payment_facts merged = payment_facts_merge(a, b);
    (void) state;

    assert_string_equal(merged.snapshot.failure_code, "b");
    assert_string_equal(merged.snapshot.failure_reason, "reason of b");
}

static void a_mismatch_is_never_forgotten(void **state)
{
    const struct payment_facts yes = { .mismatch = true }, no = { 0 };
    (void) state;

    assert_true(payment_facts_merge(yes, no).mismatch);
    assert_true(payment_facts_merge(no, yes).mismatch);
    assert_true(payment_facts_merge(yes, yes).mismatch);
    assert_false(payment_facts_merge(no, no).mismatch);
}

static void refunds_are_counted_elsewhere_and_kept(void **state)
{
    const struct payment_facts stored = { .captured_minor = 100, .refunded_minor = 40 };
    const struct payment_facts report = { .captured_minor = 100, .refunded_minor = 70 };
    (void) state;

    assert_true(payment_facts_merge(stored, report).refunded_minor == 40);
    assert_false(payment_facts_equal(&stored, &report));
}

static void the_longest_failure_text_survives(void **state)
{
    struct payment_facts failed = { .snapshot = { .at_s = 1, .progress = PROGRESS_FAILED } };
    struct payment_facts merged;
    (void) state;

    memset(failed.snapshot.failure_code, 'c', FAILURE_CODE_MAX - 1);
    memset(failed.snapshot.failure_reason, 'r', FAILURE_REASON_MAX - 1);
    merged = payment_facts_merge((struct payment_facts) { 0 }, failed);
    assert_int_equal(strlen(merged.snapshot.failure_code), FAILURE_CODE_MAX - 1);
    assert_int_equal(strlen(merged.snapshot.failure_reason), FAILURE_REASON_MAX - 1);
}

/* --- Deriving ----------------------------------------------------------------------------- */

static void the_status_follows_from_the_facts(void **state)
{
    static const struct {
        struct payment_facts facts;
        enum payment_status  status;
        int64_t              due_minor;
    } examples[] = {
        { { 0 },                                        PAYMENT_PENDING, 0 },
        { SNAPSHOT(99, NONE),                           PAYMENT_PENDING, 0 },
        { SNAPSHOT(1, OPENED),                          PAYMENT_PROCESSING, 0 },
        { SNAPSHOT(1, REQUIRES_ACTION),                 PAYMENT_REQUIRES_ACTION, 0 },
        { SNAPSHOT(1, PROCESSING),                      PAYMENT_PROCESSING, 0 },
        { SNAPSHOT(1, FAILED),                          PAYMENT_FAILED, 0 },
        { { .closed = PAYMENT_CLOSED_FAILED },          PAYMENT_FAILED, 0 },
        { { .closed = PAYMENT_CLOSED_EXPIRED },         PAYMENT_EXPIRED, 0 },
        { { .closed = PAYMENT_CLOSED_CANCELLED },       PAYMENT_CANCELLED, 0 },
        { { .captured_minor = 1 },                      PAYMENT_COMPLETED, 0 },
        { { .captured_minor = 100 },                    PAYMENT_COMPLETED, 0 },
        { { .captured_minor = 100, .refunded_minor = 1 },       PAYMENT_PARTIALLY_REFUNDED, 0 },
        { { .captured_minor = 100, .refunded_minor = 99 },      PAYMENT_PARTIALLY_REFUNDED, 0 },
        { { .captured_minor = 100, .refunded_minor = 100 },     PAYMENT_REFUNDED, 0 },
        { { .captured_minor = 100, .refunded_minor = 101 },     PAYMENT_REFUNDED, 0 },
        { { .captured_minor = 1, .refunded_minor = 1 },         PAYMENT_REFUNDED, 0 },
        { { .captured_minor = INT64_MAX, .refunded_minor = INT64_MAX }, PAYMENT_REFUNDED, 0 },
        { { .refunded_minor = 100 },                    PAYMENT_PENDING, 0 },
        { { .captured_minor = -1 },                     PAYMENT_PENDING, 0 },
        { { .mismatch = true },                         PAYMENT_PENDING, 0 },
        { { .captured_minor = 100, .mismatch = true },  PAYMENT_COMPLETED, 0 },
        { { .captured_minor = 100 },                    PAYMENT_COMPLETED, 100 },
        { { .captured_minor = 200 },                    PAYMENT_COMPLETED, 100 },
        { { .captured_minor = 99 },                     PAYMENT_PROCESSING, 100 },
        { { .captured_minor = 99, .closed = PAYMENT_CLOSED_EXPIRED }, PAYMENT_PROCESSING, 100 },
        { { .captured_minor = 99, .refunded_minor = 98 },       PAYMENT_PROCESSING, 100 },
        { { .captured_minor = 99, .refunded_minor = 99 },       PAYMENT_REFUNDED, 100 },
        { { .captured_minor = 99, .accepted = true },   PAYMENT_COMPLETED, 100 },
        { { .captured_minor = 99, .accepted = true, .refunded_minor = 1 },
          PAYMENT_PARTIALLY_REFUNDED, 100 },
        { { .accepted = true },                         PAYMENT_PENDING, 100 },
    };
    (void) state;

    for (size_t i = 0; i < COUNT(examples); i++)
        assert_string_equal(payment_status_name(payment_derive(&examples[i].facts,
                                                               examples[i].due_minor)),
                            payment_status_name(examples[i].status));
}

static void money_that_arrived_wins_over_every_label(void **state)
{
    (void) state;
    for (int close = PAYMENT_OPEN; close <= PAYMENT_CLOSED_CANCELLED; close++)
        for (int progress = PROGRESS_NONE; progress <= PROGRESS_FAILED; progress++) {
            const struct payment_facts facts = {
                .captured_minor = 1,
                .closed = (enum payment_close) close,
                .snapshot = { 99, (enum payment_progress) progress, "", "" },
            };

            assert_int_equal(payment_derive(&facts, 1), PAYMENT_COMPLETED);
            assert_int_equal(payment_derive(&facts, 2), PAYMENT_PROCESSING);
            assert_false(payment_is_open(&facts));
        }
}

static void the_end_of_the_object_wins_over_the_payers_progress(void **state)
{
    (void) state;
    for (int progress = PROGRESS_NONE; progress <= PROGRESS_FAILED; progress++) {
        const struct payment_facts facts = {
            .closed = PAYMENT_CLOSED_EXPIRED,
            .snapshot = { 99, (enum payment_progress) progress, "", "" },
        };

        assert_int_equal(payment_derive(&facts, 1), PAYMENT_EXPIRED);
        assert_false(payment_is_open(&facts));
    }
}

static void a_payment_is_open_until_it_is_closed_or_paid(void **state)
{
    const struct payment_facts soft_failure = SNAPSHOT(1, FAILED);
    const struct payment_facts refund_came_first = { .refunded_minor = 100 };
    (void) state;

    assert_true(payment_is_open(&(struct payment_facts) { 0 }));
    assert_true(payment_is_open(&soft_failure));
    assert_true(payment_is_open(&refund_came_first));
    assert_true(payment_is_open(&(struct payment_facts) { .mismatch = true }));
    assert_false(payment_is_open(&(struct payment_facts) { .captured_minor = 1 }));
    assert_false(payment_is_open(&(struct payment_facts) { .closed = PAYMENT_CLOSED_FAILED }));
}

/* --- Names -------------------------------------------------------------------------------- */

static void every_name_is_read_back_and_no_other(void **state)
{
    static const char *const status_names[PAYMENT_STATUS_COUNT] = {
        "pending", "processing", "requires_action", "completed", "failed", "cancelled", "expired",
        "partially_refunded", "refunded",
    };
    static const char *const close_names[] = { "open", "failed", "expired", "cancelled" };
    static const char *const progress_names[] = {
        "none", "opened", "requires_action", "processing", "failed",
    };
    enum payment_status status;
    enum payment_close close;
    enum payment_progress progress;
    (void) state;

    for (size_t i = 0; i < COUNT(status_names); i++) {
        assert_string_equal(payment_status_name((enum payment_status) i), status_names[i]);
        assert_true(payment_status_parse(status_names[i], &status));
        assert_int_equal(status, i);
    }
    for (size_t i = 0; i < COUNT(close_names); i++) {
        assert_string_equal(payment_close_name((enum payment_close) i), close_names[i]);
        assert_true(payment_close_parse(close_names[i], &close));
        assert_int_equal(close, i);
    }
    for (size_t i = 0; i < COUNT(progress_names); i++) {
        assert_string_equal(payment_progress_name((enum payment_progress) i), progress_names[i]);
        assert_true(payment_progress_parse(progress_names[i], &progress));
        assert_int_equal(progress, i);
    }
}

static void a_wrong_name_is_refused_and_changes_nothing(void **state)
{
    static const char *const wrong[] = {
        NULL, "", "Pending", "PENDING", "pending ", " pending", "pendin", "pendingg", "canceled",
        "0",
    };
    enum payment_status status = PAYMENT_REFUNDED;
    enum payment_close close = PAYMENT_CLOSED_EXPIRED;
    enum payment_progress progress = PROGRESS_PROCESSING;
    (void) state;

    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(payment_status_parse(wrong[i], &status));
        assert_false(payment_close_parse(wrong[i], &close));
        assert_false(payment_progress_parse(wrong[i], &progress));
    }
    assert_int_equal(status, PAYMENT_REFUNDED);
    assert_int_equal(close, PAYMENT_CLOSED_EXPIRED);
    assert_int_equal(progress, PROGRESS_PROCESSING);
}

/* Nobody who has paid is told otherwise, and nobody whose bank is at it that nothing was charged. */
static void the_payer_is_told_what_the_facts_prove(void **state)
{
    static const struct { struct payment_facts facts; enum payment_outcome outcome; } told[] = {
        { { 0 },                                                         OUTCOME_OPEN },
        { SNAPSHOT(10, OPENED),                                          OUTCOME_OPEN },
        { SNAPSHOT(10, REQUIRES_ACTION),                                 OUTCOME_OPEN },
        { DECLINED(10, "card_declined", "no"),                           OUTCOME_OPEN },
        { SNAPSHOT(10, PROCESSING),                                      OUTCOME_CONFIRMING },
        { { .captured_minor = 100 },                                     OUTCOME_PAID },
        { { .captured_minor = 100, .refunded_minor = 100 },              OUTCOME_PAID },
        { { .captured_minor = 100, .closed = PAYMENT_CLOSED_CANCELLED }, OUTCOME_PAID },
        { { .closed = PAYMENT_CLOSED_FAILED },                           OUTCOME_NOT_PAID },
        { { .closed = PAYMENT_CLOSED_EXPIRED },                          OUTCOME_NOT_PAID },
        { { .closed = PAYMENT_CLOSED_CANCELLED },                        OUTCOME_NOT_PAID },
    };

    (void) state;
    for (size_t i = 0; i < COUNT(told); i++)
        assert_int_equal(payment_outcome(&told[i].facts), told[i].outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merging_is_idempotent),
        cmocka_unit_test(merging_is_commutative),
        cmocka_unit_test(merging_is_associative),
        cmocka_unit_test(facts_of_different_kinds_are_not_equal),
        cmocka_unit_test(captured_money_never_shrinks),
        cmocka_unit_test(the_higher_reason_to_close_stays),
        cmocka_unit_test(the_newest_snapshot_stays_and_at_one_time_the_one_further_on),
        cmocka_unit_test(a_failure_keeps_its_code_and_reason_together),
        cmocka_unit_test(a_mismatch_is_never_forgotten),
        cmocka_unit_test(refunds_are_counted_elsewhere_and_kept),
        cmocka_unit_test(the_longest_failure_text_survives),
        cmocka_unit_test(the_status_follows_from_the_facts),
        cmocka_unit_test(money_that_arrived_wins_over_every_label),
        cmocka_unit_test(the_end_of_the_object_wins_over_the_payers_progress),
        cmocka_unit_test(a_payment_is_open_until_it_is_closed_or_paid),
        cmocka_unit_test(the_payer_is_told_what_the_facts_prove),
        cmocka_unit_test(every_name_is_read_back_and_no_other),
        cmocka_unit_test(a_wrong_name_is_refused_and_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
