/*
 * Every order in which reports can arrive ends in the same payment: not sampled, but enumerated.
 */
#include <config.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "payment_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#if defined(SANITIZERS) || defined(COVERAGE)
#define SUBSET_MAX 5            /* instrumented code is slow: 2 million permutations do for it */
#else
#define SUBSET_MAX 6
#endif

#define CAPTURED(amount)            { .captured_minor = (amount) }
#define CLOSED(reason)              { .closed = PAYMENT_CLOSED_##reason }
#define SNAPSHOT(at, what)          { .snapshot = { (at), PROGRESS_##what, "", "" } }
#define DECLINED(at, code)          { .snapshot = { (at), PROGRESS_FAILED, code, "Declined." } }

/* Equal times and equal amounts are the hard cases, so they are frequent here. */
static const struct report alphabet[] = {
    { "captured 60",            REPORT_FACTS, .facts = CAPTURED(60) },
    { "captured 100",           REPORT_FACTS, .facts = CAPTURED(100) },
    { "captured 100, said again with a late snapshot", REPORT_FACTS,
      .facts = { .captured_minor = 100, .snapshot = { 30, PROGRESS_PROCESSING, "", "" } } },
    { "captured 150",           REPORT_FACTS, .facts = CAPTURED(150) },
    { "closed: failed",         REPORT_FACTS, .facts = CLOSED(FAILED) },
    { "closed: expired",        REPORT_FACTS, .facts = CLOSED(EXPIRED) },
    { "closed: cancelled",      REPORT_FACTS, .facts = CLOSED(CANCELLED) },
    { "opened at 10",           REPORT_FACTS, .facts = SNAPSHOT(10, OPENED) },
    { "requires action at 20",  REPORT_FACTS, .facts = SNAPSHOT(20, REQUIRES_ACTION) },
    { "processing at 20",       REPORT_FACTS, .facts = SNAPSHOT(20, PROCESSING) },
    { "declined at 20: card",   REPORT_FACTS, .facts = DECLINED(20, "card_declined") },
    { "declined at 20: funds",  REPORT_FACTS, .facts = DECLINED(20, "insufficient_funds") },
    { "mismatch",               REPORT_FACTS, .facts = { .mismatch = true } },
    { "accepted by a human",    REPORT_FACTS, .facts = { .accepted = true } },
    { "refund 40 succeeded",    REPORT_REFUND, .refund = 0, .refund_status = REFUND_SUCCEEDED },
    { "refund 40 failed",       REPORT_REFUND, .refund = 0, .refund_status = REFUND_FAILED },
    { "refund 60 succeeded",    REPORT_REFUND, .refund = 1, .refund_status = REFUND_SUCCEEDED },
    { "dispute opened",         REPORT_DISPUTE, .dispute = DISPUTE_OPEN },
    { "dispute won",            REPORT_DISPUTE, .dispute = DISPUTE_WON },
    { "dispute lost",           REPORT_DISPUTE, .dispute = DISPUTE_LOST },
};

#define LETTERS 20
_Static_assert(COUNT(alphabet) == LETTERS, "permutations_expected counts on it");

struct subset {
    const struct report *reports[SUBSET_MAX];
    int                  count;
    struct world         end;
};

static int64_t subset_count, permutation_count, step_count;

static void fail_after(const struct subset *subset, int report_count, const char *why)
{
    for (int i = 0; i < report_count; i++)
        print_error("# %s\n", subset->reports[i]->name);
    fail_msg("%s", why);
}

static void check_step(const struct subset *subset, int report_count, const struct world *before,
                       const struct world *after)
{
    const char *broken = world_broken_promise(&rules_of_the_domain, before, after);

    step_count++;
    if (broken != NULL)
        fail_after(subset, report_count, broken);
}

/* reports[0..done) were applied to world; the others follow in every order. */
static void apply_in_every_order(struct subset *subset, int done, const struct world *world)
{
    if (done == subset->count) {
        permutation_count++;
        if (!world_equal(world, &subset->end))
            fail_after(subset, done, "this order ends elsewhere");
        return;
    }
    for (int i = done; i < subset->count; i++) {
        const struct report *chosen = subset->reports[i];
        struct world after = *world;

        subset->reports[i] = subset->reports[done];
        subset->reports[done] = chosen;
        world_apply(&rules_of_the_domain, &after, chosen);
        check_step(subset, done + 1, world, &after);
        apply_in_every_order(subset, done + 1, &after);
        subset->reports[done] = subset->reports[i];
        subset->reports[i] = chosen;
    }
}

static void check_subset(struct subset *subset)
{
    const struct world empty = { 0 };
    struct world twice;

    subset_count++;
    subset->end = empty;
    for (int i = 0; i < subset->count; i++)
        world_apply(&rules_of_the_domain, &subset->end, subset->reports[i]);
    twice = subset->end;
    for (int i = 0; i < subset->count; i++)
        world_apply(&rules_of_the_domain, &twice, subset->reports[i]);
    assert_true(world_equal(&twice, &subset->end));
    apply_in_every_order(subset, 0, &empty);
}

/* Every subset of the alphabet from `next` on, added to what the subset has. */
static void check_subsets(struct subset *subset, size_t next)
{
    check_subset(subset);
    if (subset->count == SUBSET_MAX)
        return;
    for (; next < COUNT(alphabet); next++) {
        subset->reports[subset->count++] = &alphabet[next];
        check_subsets(subset, next + 1);
        subset->count--;
    }
}

/* The sum over k of n!/(n-k)!, where n is the number of letters. */
static int64_t permutations_expected(void)
{
    int64_t sum = 0, ordered = 1;

    for (int64_t k = 0; k <= SUBSET_MAX; k++) {
        sum += ordered;
        ordered *= LETTERS - k;
    }
    return sum;
}

static void every_order_of_reports_ends_in_the_same_payment(void **state)
{
    struct subset subset = { .count = 0 };
    (void) state;

    check_subsets(&subset, 0);
    print_message("# %" PRId64 " permutations of %" PRId64 " subsets (up to %d of %d reports), "
                  "%" PRId64 " steps\n", permutation_count, subset_count, SUBSET_MAX, LETTERS,
                  step_count);
    assert_int_equal(permutation_count, permutations_expected());
}

/* Any reports at all, in the order of the alphabet, then all of them again backwards. */
static void all_sets_of_reports_have_an_end_that_duplicates_do_not_move(void **state)
{
    (void) state;

    for (uint32_t set = 0; set < UINT32_C(1) << COUNT(alphabet); set++) {
        struct world forwards = { 0 }, again;

        for (size_t i = 0; i < COUNT(alphabet); i++)
            if (set >> i & 1)
                world_apply(&rules_of_the_domain, &forwards, &alphabet[i]);
        again = forwards;
        for (size_t i = COUNT(alphabet); i-- > 0;)
            if (set >> i & 1)
                world_apply(&rules_of_the_domain, &again, &alphabet[i]);
        assert_true(world_equal(&forwards, &again));
        assert_true(payment_derive(&forwards.facts, WORLD_DUE_MINOR) <= PAYMENT_REFUNDED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_reports_ends_in_the_same_payment),
        cmocka_unit_test(all_sets_of_reports_have_an_end_that_duplicates_do_not_move),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
