/*
 * The lifecycle as docs/reliability.md section 3.2 draws it, over all pairs.
 *
 * Two questions: does payment_may_become say what the drawing says, and is the drawing exactly
 * what facts can do - no step too few, which would refuse the truth, and none too many.
 */
#include "domain/payment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DUE_MINOR 100

/* 'x' may become, '-' stays, '.' never. */
static const struct row {
    const char          *name;
    struct payment_facts facts;
    const char          *to;
} drawing[] = {
    /*                                               pending          failed   partially_refunded
                                                     | processing     | cancelled  |
                                                     | | requires_a.  | | expired  | refunded
                                                     | | | completed  | | |        | |          */
    { "pending",            { 0 },                                          "- x x x x x x x x" },
    { "processing",         { .snapshot.progress = PROGRESS_PROCESSING },   ". - x x x x x x x" },
    { "requires_action",    { .snapshot.progress = PROGRESS_REQUIRES_ACTION },
                                                                            ". x - x x x x x x" },
    { "failed (soft)",      { .snapshot.progress = PROGRESS_FAILED },       ". x x x - x x x x" },
    { "failed (closed)",    { .closed = PAYMENT_CLOSED_FAILED },            ". x . x - x x x x" },
    { "expired",            { .closed = PAYMENT_CLOSED_EXPIRED },           ". x . x . x - x x" },
    { "cancelled",          { .closed = PAYMENT_CLOSED_CANCELLED },         ". x . x . - . x x" },
    { "underpaid",          { .captured_minor = 60 },                       ". - . x . . . x x" },
    { "underpaid, refunded", { .captured_minor = 60, .refunded_minor = 60 }, ". x . . . . . x -" },
    { "completed",          { .captured_minor = 100 },                      ". . . - . . . x x" },
    { "partially_refunded", { .captured_minor = 100, .refunded_minor = 40 }, ". . . x . . . - x" },
    { "refunded",           { .captured_minor = 100, .refunded_minor = 100 }, ". . . x . . . x -" },
};

static char drawn(const struct row *row, enum payment_status to)
{
    return row->to[2 * to];
}

static void the_lifecycle_is_the_one_that_was_drawn(void **state)
{
    (void) state;
    for (size_t from = 0; from < COUNT(drawing); from++)
        for (int to = 0; to < PAYMENT_STATUS_COUNT; to++)
            if (payment_may_become(&drawing[from].facts, DUE_MINOR, (enum payment_status) to)
                    != (drawn(&drawing[from], (enum payment_status) to) != '.'))
                fail_msg("%s -> %s", drawing[from].name,
                         payment_status_name((enum payment_status) to));
}

static void every_payment_may_stay_what_it_is(void **state)
{
    (void) state;
    for (size_t from = 0; from < COUNT(drawing); from++) {
        const enum payment_status status = payment_derive(&drawing[from].facts, DUE_MINOR);

        assert_int_equal(drawn(&drawing[from], status), '-');
        assert_true(payment_may_become(&drawing[from].facts, DUE_MINOR, status));
    }
}

/* Which row of the drawing describes these facts? Judged by the drawing's own facts. */
static size_t row_of(const struct payment_facts *facts)
{
    for (size_t i = 0; i < COUNT(drawing); i++)
        if (payment_derive(&drawing[i].facts, DUE_MINOR) == payment_derive(facts, DUE_MINOR)
                && payment_is_open(&drawing[i].facts) == payment_is_open(facts)
                && payment_is_underpaid(&drawing[i].facts, DUE_MINOR)
                    == payment_is_underpaid(facts, DUE_MINOR))
            return i;
    fail_msg("facts without a row");
    return COUNT(drawing);
}

static void what_else_is_known_does_not_change_the_row(void **state)
{
    const struct payment_facts late_success = {
        .captured_minor = 100, .closed = PAYMENT_CLOSED_EXPIRED,
        .snapshot = { 9, PROGRESS_FAILED, "code", "reason" }, .mismatch = true,
    };
    const struct payment_facts expired_after_failure = {
        .closed = PAYMENT_CLOSED_EXPIRED, .snapshot = { 9, PROGRESS_FAILED, "code", "reason" },
    };
    (void) state;

    for (int to = 0; to < PAYMENT_STATUS_COUNT; to++) {
        const enum payment_status status = (enum payment_status) to;

        assert_int_equal(payment_may_become(&late_success, DUE_MINOR, status),
                         drawn(&drawing[row_of(&late_success)], status) != '.');
        assert_int_equal(payment_may_become(&expired_after_failure, DUE_MINOR, status),
                         drawn(&drawing[row_of(&expired_after_failure)], status) != '.');
    }
}

/* --- What facts can do -------------------------------------------------------------------- */

#define CAPTURED_KINDS 4
#define CLOSE_KINDS    4
#define PROGRESS_KINDS 5
#define TIME_KINDS     2
#define REFUNDED_KINDS 5
#define ACCEPTED_KINDS 2
#define REPORT_KINDS   (CAPTURED_KINDS * CLOSE_KINDS * PROGRESS_KINDS * TIME_KINDS * ACCEPTED_KINDS)

static const int64_t captured_kinds[CAPTURED_KINDS] = { 0, 60, 100, 150 };
static const int64_t refunded_kinds[REFUNDED_KINDS] = { 0, 40, 60, 100, 150 };

static struct payment_facts facts_number(int number, int64_t refunded_minor)
{
    struct payment_facts facts = { .refunded_minor = refunded_minor };

    facts.captured_minor = captured_kinds[number % CAPTURED_KINDS];
    number /= CAPTURED_KINDS;
    facts.closed = (enum payment_close) (number % CLOSE_KINDS);
    number /= CLOSE_KINDS;
    facts.snapshot.progress = (enum payment_progress) (number % PROGRESS_KINDS);
    number /= PROGRESS_KINDS;
    facts.snapshot.at_s = number % TIME_KINDS;
    facts.accepted = number / TIME_KINDS != 0;
    return facts;
}

/* Any report meets any payment, and any refund any payment. */
static void the_drawing_holds_exactly_the_steps_that_facts_can_do(void **state)
{
    bool done[COUNT(drawing)][PAYMENT_STATUS_COUNT] = { 0 };
    (void) state;

    for (int number = 0; number < REPORT_KINDS; number++)
        for (int r = 0; r < REFUNDED_KINDS; r++) {
            const struct payment_facts before = facts_number(number, refunded_kinds[r]);
            struct payment_facts after;

            for (int report = 0; report < REPORT_KINDS; report++) {
                after = payment_facts_merge(before, facts_number(report, 0));
                done[row_of(&before)][payment_derive(&after, DUE_MINOR)] = true;
            }
            for (int other = 0; other < REFUNDED_KINDS; other++) {
                after = before;
                after.refunded_minor = refunded_kinds[other];
                done[row_of(&before)][payment_derive(&after, DUE_MINOR)] = true;
            }
        }
    for (size_t from = 0; from < COUNT(drawing); from++)
        for (int to = 0; to < PAYMENT_STATUS_COUNT; to++)
            if (done[from][to] != (drawn(&drawing[from], (enum payment_status) to) != '.'))
                fail_msg("%s -> %s %s", drawing[from].name,
                         payment_status_name((enum payment_status) to),
                         done[from][to] ? "happens" : "never happens");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lifecycle_is_the_one_that_was_drawn),
        cmocka_unit_test(every_payment_may_stay_what_it_is),
        cmocka_unit_test(what_else_is_known_does_not_change_the_row),
        cmocka_unit_test(the_drawing_holds_exactly_the_steps_that_facts_can_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
