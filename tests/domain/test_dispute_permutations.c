/*
 * Every order in which reports on two disputes of a payment can arrive ends in the same books: not
 * sampled, but enumerated. Equal times and contradictory ends are the hard cases, so they are frequent.
 */
#include <config.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "domain/dispute.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DISPUTES 2

#if defined(SANITIZERS) || defined(COVERAGE)
#define SUBSET_MAX 4            /* instrumented code is slow */
#else
#define SUBSET_MAX 6
#endif

#define SAID(at, state, words, reason_, amount, due, out, back) \
    { .at_ms = (at), .fact = { DISPUTE_##state, false }, .provider_status = words, .reason = reason_, \
      .amount_minor = (amount), .due_at_s = (due), .withdrawn_minor = (out), \
      .reinstated_minor = (back) }

static const struct report {
    const char          *name;          /* for the reader of a failure */
    int                  dispute;       /* which of DISPUTES */
    struct dispute_facts facts;
} alphabet[] = {
    { "inquiry at 1", 0, SAID(1, OPEN, "warning_needs_response", "general", 900, 50, 0, 0) },
    { "inquiry closed at 2", 0, SAID(2, CLOSED, "warning_closed", "general", 900, 50, 0, 0) },
    { "opened at 2", 0, SAID(2, OPEN, "needs_response", "fraudulent", 900, 60, 0, 0) },
    { "withdrawn at 2", 0, SAID(2, OPEN, "needs_response", "fraudulent", 900, 60, 900, 0) },
    { "under review at 3", 0, SAID(3, OPEN, "under_review", "fraudulent", 900, 0, 900, 0) },
    { "won at 3", 0, SAID(3, WON, "won", "fraudulent", 900, 0, 900, 0) },
    { "lost at 3", 0, SAID(3, LOST, "lost", "fraudulent", 900, 0, 900, 0) },
    { "reinstated at 3", 0, SAID(3, WON, "won", "fraudulent", 900, 0, 900, 900) },
    { "appealed at 4", 0, SAID(4, OPEN, "appeal_needs_response", "fraudulent", 900, 90, 900, 900) },
    { "lost the appeal at 5", 0, SAID(5, LOST, "lost", "fraudulent", 900, 0, 1800, 900) },
    { "asked at 6: won", 0, SAID(6, WON, "won", "duplicate", 901, 0, 1800, 1800) },
    { "second: opened at 2", 1, SAID(2, OPEN, "needs_response", "duplicate", 100, 70, 0, 0) },
    { "second: withdrawn at 3", 1, SAID(3, OPEN, "needs_response", "duplicate", 100, 70, 100, 0) },
    { "second: lost at 3", 1, SAID(3, LOST, "lost", "duplicate", 100, 0, 100, 0) },
    { "second: won at 4", 1, SAID(4, WON, "won", "duplicate", 100, 0, 100, 100) },
};

struct books {
    struct dispute disputes[DISPUTES];
};

struct subset {
    const struct report *reports[SUBSET_MAX];
    int                  count;
    struct books         end;
};

static int64_t subset_count, permutation_count;

static void apply(struct books *books, const struct report *report)
{
    struct dispute_facts *facts = &books->disputes[report->dispute].facts;

    *facts = dispute_facts_merge(*facts, report->facts);
}

static bool books_equal(const struct books *a, const struct books *b)
{
    for (int i = 0; i < DISPUTES; i++)
        if (!dispute_facts_equal(&a->disputes[i].facts, &b->disputes[i].facts))
            return false;
    return dispute_overlay(a->disputes, DISPUTES) == dispute_overlay(b->disputes, DISPUTES)
        && disputed_minor(a->disputes, DISPUTES) == disputed_minor(b->disputes, DISPUTES);
}

static void fail_after(const struct subset *subset, int report_count, const char *why)
{
    for (int i = 0; i < report_count; i++)
        print_error("# %s\n", subset->reports[i]->name);
    fail_msg("%s", why);
}

/* What PostgreSQL's trigger demands of every single step, and the ledger of every single sum. */
static void check_step(const struct subset *subset, int report_count, const struct books *before,
                       const struct books *after)
{
    for (int i = 0; i < DISPUTES; i++) {
        const struct dispute_facts *old = &before->disputes[i].facts;
        const struct dispute_facts *new = &after->disputes[i].facts;

        if (new->at_ms < old->at_ms)
            fail_after(subset, report_count, "an older word replaced a newer one");
        if (new->withdrawn_minor < old->withdrawn_minor
            || new->reinstated_minor < old->reinstated_minor || new->due_at_s < old->due_at_s)
            fail_after(subset, report_count, "what was told shrank");
        if (new->reinstated_minor > new->withdrawn_minor)
            fail_after(subset, report_count, "more came back than had left");
    }
}

/* reports[0..done) were applied to books; the others follow in every order. */
static void apply_in_every_order(struct subset *subset, int done, const struct books *books)
{
    if (done == subset->count) {
        permutation_count++;
        if (!books_equal(books, &subset->end))
            fail_after(subset, done, "this order ends elsewhere");
        return;
    }
    for (int i = done; i < subset->count; i++) {
        const struct report *chosen = subset->reports[i];
        struct books after = *books;

        subset->reports[i] = subset->reports[done];
        subset->reports[done] = chosen;
        apply(&after, chosen);
        check_step(subset, done + 1, books, &after);
        apply(&after, chosen);                          /* each one comes twice */
        apply_in_every_order(subset, done + 1, &after);
        subset->reports[done] = subset->reports[i];
        subset->reports[i] = chosen;
    }
}

static void check_subset(struct subset *subset)
{
    const struct books empty = { 0 };

    subset_count++;
    subset->end = empty;
    for (int i = 0; i < subset->count; i++)
        apply(&subset->end, subset->reports[i]);
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

static int64_t permutations_expected(void)
{
    int64_t sum = 0, ordered = 1;

    for (int64_t k = 0; k <= SUBSET_MAX; k++) {
        sum += ordered;
        ordered *= (int64_t) COUNT(alphabet) - k;
    }
    return sum;
}

static void every_order_of_reports_ends_in_the_same_disputes(void **state)
{
    struct subset subset = { .count = 0 };
    (void) state;

    check_subsets(&subset, 0);
    print_message("# %" PRId64 " permutations of %" PRId64 " subsets (up to %d of %zu reports)\n",
                  permutation_count, subset_count, SUBSET_MAX, COUNT(alphabet));
    assert_int_equal(permutation_count, permutations_expected());
}

/* Two workers who each know a part know together what one who heard all knows. */
static void merging_is_associative_for_every_three_reports_of_a_dispute(void **state)
{
    (void) state;
    for (size_t a = 0; a < COUNT(alphabet); a++)
        for (size_t b = 0; b < COUNT(alphabet); b++)
            for (size_t c = 0; c < COUNT(alphabet); c++) {
                struct dispute_facts x = alphabet[a].facts, y = alphabet[b].facts,
                                     z = alphabet[c].facts;
                struct dispute_facts left = dispute_facts_merge(dispute_facts_merge(x, y), z);
                struct dispute_facts right = dispute_facts_merge(x, dispute_facts_merge(y, z));
                struct dispute_facts twice = dispute_facts_merge(x, x);

                assert_true(dispute_facts_equal(&left, &right));
                assert_true(dispute_facts_equal(&twice, &x));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_reports_ends_in_the_same_disputes),
        cmocka_unit_test(merging_is_associative_for_every_three_reports_of_a_dispute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
