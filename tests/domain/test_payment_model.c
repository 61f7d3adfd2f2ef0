/*
 * Random deliveries - duplicated, dropped, retried, out of order - against an independent model.
 * PAYAPI_SEED repeats a run, PAYAPI_EVENTS sets its length (docs/reliability.md: 10^9 before a release).
 */
#include <config.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "payment_model.h"

#if defined(SANITIZERS) || defined(COVERAGE)
#define EVENTS_DEFAULT 1000000
#else
#define EVENTS_DEFAULT 5000000
#endif

#define SAID_MAX       8        /* different things a provider says in one sequence */
#define DELIVERIES_MAX 32

struct sequence {
    struct report reports[DELIVERIES_MAX];
    size_t        count;
};

/* --- What a provider may say -------------------------------------------------------------- */

static struct payment_facts random_facts(struct dice *dice)
{
    static const int64_t amounts[] = { 100, 100, 100, 125, 60, 99 };
    static const char *const codes[] = { "", "card_declined", "expired_card", "fraud" };
    static const char *const reasons[] = { "", "Try again.", "Use another card." };
    struct payment_facts facts = { 0 };

    if (dice_one_in(dice, 4))
        facts.captured_minor = amounts[dice_below(dice, 6)];
    if (dice_one_in(dice, 4))
        facts.closed = (enum payment_close) dice_below(dice, 4);
    if (dice_one_in(dice, 16))
        facts.mismatch = true;
    if (dice_one_in(dice, 16))
        facts.accepted = true;
    if (!dice_one_in(dice, 4)) {
        facts.snapshot.progress = (enum payment_progress) dice_below(dice, 5);
        facts.snapshot.at_s = (int64_t) dice_below(dice, 4);
    }
    if (facts.snapshot.progress == PROGRESS_FAILED) {
        (void) strcpy(facts.snapshot.failure_code, codes[dice_below(dice, 4)]);
        (void) strcpy(facts.snapshot.failure_reason, reasons[dice_below(dice, 3)]);
    }
    return facts;
}

static struct report random_report(struct dice *dice)
{
    struct report report = { .name = "", .worker = (int) dice_below(dice, 2) };

    switch (dice_below(dice, 8)) {
    case 0:
    case 1:
    case 2:
        report.kind = REPORT_REFUND;
        report.refund = (int) dice_below(dice, WORLD_REFUNDS);
        report.refund_status = (enum refund_status) dice_below(dice, 5);
        break;
    case 3:
        report.kind = REPORT_DISPUTE;
        report.dispute = (enum dispute_status) dice_below(dice, 6);
        break;
    default:
        report.kind = REPORT_FACTS;
        report.facts = random_facts(dice);
    }
    return report;
}

/* --- How the network brings it ------------------------------------------------------------ */

static void deliver(struct sequence *sequence, const struct report *report)
{
    if (sequence->count < DELIVERIES_MAX)
        sequence->reports[sequence->count++] = *report;
}

static void shuffle(struct dice *dice, struct report *reports, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        const size_t other = dice_below(dice, i);
        const struct report moved = reports[i - 1];

        reports[i - 1] = reports[other];
        reports[other] = moved;
    }
}

/* Some are dropped, some come up to four times, and sometimes all are sent again at the end. */
static void random_sequence(struct dice *dice, struct sequence *sequence)
{
    struct report said[SAID_MAX];
    const size_t said_count = 1 + dice_below(dice, SAID_MAX);

    sequence->count = 0;
    for (size_t i = 0; i < said_count; i++) {
        said[i] = random_report(dice);
        if (dice_one_in(dice, 8))
            continue;
        deliver(sequence, &said[i]);
        while (dice_one_in(dice, 4))
            deliver(sequence, &said[i]);
    }
    if (!dice_one_in(dice, 4))
        shuffle(dice, sequence->reports, sequence->count);
    if (dice_one_in(dice, 8))
        for (size_t i = 0; i < said_count; i++)
            deliver(sequence, &said[i]);
}

/* --- The check ---------------------------------------------------------------------------- */

/* Each worker took some of the reports, and then learns what the other knows. */
static const char *difference_of_two_workers(const struct rules *rules,
                                             const struct sequence *sequence)
{
    const struct model_answer answer = model_ask(sequence->reports, sequence->count);
    struct world known[2] = { 0 };

    for (size_t i = 0; i < sequence->count; i++)
        world_apply(rules, &known[sequence->reports[i].worker], &sequence->reports[i]);
    world_merge(rules, &known[0], &known[1]);
    return model_difference(&answer, &known[0], rules->derive(&known[0].facts, WORLD_DUE_MINOR));
}

/* After each delivery the world must be what the model says. NULL when it always is. */
static const char *first_difference(const struct rules *rules, const struct sequence *sequence)
{
    struct world world = { 0 };

    for (size_t i = 0; i < sequence->count; i++) {
        const struct world before = world;
        struct model_answer answer;
        const char *wrong;

        world_apply(rules, &world, &sequence->reports[i]);
        wrong = world_broken_promise(rules, &before, &world);
        if (wrong != NULL)
            return wrong;
        answer = model_ask(sequence->reports, i + 1);
        wrong = model_difference(&answer, &world, rules->derive(&world.facts, WORLD_DUE_MINOR));
        if (wrong != NULL)
            return wrong;
    }
    return difference_of_two_workers(rules, sequence);
}

/* --- Making a failure small --------------------------------------------------------------- */

static void remove_reports(struct sequence *sequence, size_t first, size_t count)
{
    memmove(&sequence->reports[first], &sequence->reports[first + count],
            (sequence->count - first - count) * sizeof(sequence->reports[0]));
    sequence->count -= count;
}

/* Deletes ever smaller runs of reports while the rest still fails; at last none can be spared. */
static void shrink(const struct rules *rules, struct sequence *sequence)
{
    for (size_t run = sequence->count; run > 0; run = run > 1 ? run / 2 : 0) {
        for (size_t first = 0; first + run <= sequence->count;) {
            struct sequence smaller = *sequence;

            remove_reports(&smaller, first, run);
            if (first_difference(rules, &smaller) != NULL) {
                *sequence = smaller;
                first = 0;
            } else {
                first++;
            }
        }
    }
}

static void print_report(const struct report *report)
{
    const struct payment_facts *facts = &report->facts;

    switch (report->kind) {
    case REPORT_FACTS:
        print_error("# captured %" PRId64 ", closed: %s, %s at %" PRId64 " \"%s\" \"%s\"%s\n",
                    facts->captured_minor, payment_close_name(facts->closed),
                    payment_progress_name(facts->snapshot.progress), facts->snapshot.at_s,
                    facts->snapshot.failure_code, facts->snapshot.failure_reason,
                    facts->mismatch ? ", mismatch" : "");
        if (facts->accepted)
            print_error("#     and accepted\n");
        return;
    case REPORT_REFUND:
        print_error("# refund %d %s\n", report->refund,
                    refund_status_name(report->refund_status));
        return;
    case REPORT_DISPUTE:
        print_error("# dispute %s\n", dispute_status_name(report->dispute));
        return;
    }
}

/* --- The tests ---------------------------------------------------------------------------- */

static void random_deliveries_end_where_the_model_says(void **state)
{
    const uint64_t event_limit = environment_number("PAYAPI_EVENTS", EVENTS_DEFAULT);
    struct dice dice = dice_new();
    uint64_t event_count = 0, sequence_count = 0;
    (void) state;

    for (; event_count < event_limit; sequence_count++) {
        const uint64_t seed = dice.state;
        struct sequence sequence;
        const char *wrong;

        random_sequence(&dice, &sequence);
        event_count += sequence.count;
        wrong = first_difference(&rules_of_the_domain, &sequence);
        if (wrong == NULL)
            continue;
        shrink(&rules_of_the_domain, &sequence);
        print_error("# PAYAPI_SEED=%" PRIu64 " fails at once, after these reports:\n", seed);
        for (size_t i = 0; i < sequence.count; i++)
            print_report(&sequence.reports[i]);
        fail_msg("different: %s", wrong);
    }
    print_message("# %" PRIu64 " deliveries in %" PRIu64 " sequences\n", event_count,
                  sequence_count);
}

/* Rules as they might have been written by mistake. */

static struct payment_facts last_capture_wins(struct payment_facts a, struct payment_facts b)
{
    struct payment_facts merged = payment_facts_merge(a, b);

    if (b.captured_minor > 0)
        merged.captured_minor = b.captured_minor;
    return merged;
}

static struct payment_facts first_close_wins(struct payment_facts a, struct payment_facts b)
{
    struct payment_facts merged = payment_facts_merge(a, b);

    if (a.closed != PAYMENT_OPEN)
        merged.closed = a.closed;
    return merged;
}

static struct payment_facts mismatch_is_dropped(struct payment_facts a, struct payment_facts b)
{
    struct payment_facts merged = payment_facts_merge(a, b);

    merged.mismatch = b.mismatch;
    return merged;
}

/* <= for <: of two failures at one time, the later delivery wins. */
static struct payment_facts ties_go_to_the_last(struct payment_facts a, struct payment_facts b)
{
    struct payment_facts merged = payment_facts_merge(a, b);

    if (b.snapshot.at_s == a.snapshot.at_s && b.snapshot.progress == a.snapshot.progress)
        merged.snapshot = b.snapshot;
    return merged;
}

static enum refund_status last_refund_wins(enum refund_status a, enum refund_status b)
{
    (void) a;
    return b;
}

static struct dispute_fact lost_beats_won(struct dispute_fact a, struct dispute_fact b)
{
    return a.status > b.status ? a : b;
}

/* > for >=: a payment refunded to the last cent stays partially refunded. */
static enum payment_status refunded_only_beyond_captured(const struct payment_facts *facts,
                                                         int64_t due_minor)
{
    const enum payment_status status = payment_derive(facts, due_minor);

    return status == PAYMENT_REFUNDED && facts->refunded_minor == facts->captured_minor
        ? PAYMENT_PARTIALLY_REFUNDED : status;
}

/* Money of any amount completes it, as if it had been accepted. */
static enum payment_status any_amount_will_do(const struct payment_facts *facts, int64_t due_minor)
{
    (void) due_minor;
    return payment_derive(facts, 0);
}

static struct payment_facts acceptance_is_dropped(struct payment_facts a, struct payment_facts b)
{
    struct payment_facts merged = payment_facts_merge(a, b);

    merged.accepted = b.accepted;
    return merged;
}

static enum payment_status labels_before_money(const struct payment_facts *facts, int64_t due_minor)
{
    struct payment_facts unpaid = *facts;

    unpaid.captured_minor = 0;
    return payment_derive(facts->closed != PAYMENT_OPEN ? &unpaid : facts, due_minor);
}

static const struct mistake {
    const char  *name;
    struct rules rules;
    size_t       reports_max;           /* of a sequence that shows it and can spare none */
} mistakes[] = {
    { "the last capture wins", { last_capture_wins, refund_merge, dispute_merge,
      payment_derive }, 2 },
    { "the first close wins", { first_close_wins, refund_merge, dispute_merge,
      payment_derive }, 2 },
    { "a mismatch is dropped", { mismatch_is_dropped, refund_merge, dispute_merge,
      payment_derive }, 2 },
    { "ties go to the last", { ties_go_to_the_last, refund_merge, dispute_merge,
      payment_derive }, 2 },
    { "the last refund status wins", { payment_facts_merge, last_refund_wins, dispute_merge,
      payment_derive }, 2 },
    { "lost beats won", { payment_facts_merge, refund_merge, lost_beats_won,
      payment_derive }, 2 },
    { "refunded only beyond captured", { payment_facts_merge, refund_merge, dispute_merge,
      refunded_only_beyond_captured }, 4 },
    { "any amount will do", { payment_facts_merge, refund_merge, dispute_merge,
      any_amount_will_do }, 1 },
    { "acceptance is dropped", { acceptance_is_dropped, refund_merge, dispute_merge,
      payment_derive }, 2 },
    { "labels before money", { payment_facts_merge, refund_merge, dispute_merge,
      labels_before_money }, 2 },
};

/* The net must have no holes: each mistake is found soon, and shown with no report too many. */
static void every_known_mistake_is_caught_and_shown_with_the_fewest_reports(void **state)
{
    struct dice dice = dice_new();
    (void) state;

    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct sequence sequence;
        int tries = 0;

        do {
            random_sequence(&dice, &sequence);
            assert_true(tries++ < 100000);
        } while (first_difference(&mistakes[i].rules, &sequence) == NULL);
        shrink(&mistakes[i].rules, &sequence);
        print_message("# %s: caught in sequence %d, shown with %zu reports\n", mistakes[i].name,
                      tries, sequence.count);
        assert_in_range(sequence.count, 1, mistakes[i].reports_max);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_deliveries_end_where_the_model_says),
        cmocka_unit_test(every_known_mistake_is_caught_and_shown_with_the_fewest_reports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
