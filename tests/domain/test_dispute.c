/* Disputes: merged facts, contradictions, held money. */
#include "domain/dispute.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FACT_COUNT 6

/* All that can be known of a dispute. */
static const struct dispute_fact none = { DISPUTE_NONE, false }, open = { DISPUTE_OPEN, false },
                                 closed = { DISPUTE_CLOSED, false },
                                 won = { DISPUTE_WON, false }, lost = { DISPUTE_LOST, false },
                                 contradictory = { DISPUTE_OPEN, true };

static struct dispute_fact fact(int number)
{
    const struct dispute_fact facts[FACT_COUNT] = { none, open, closed, won, lost, contradictory };

    return facts[number];
}

#define for_each_fact(a) for (int a = 0; a < FACT_COUNT; a++)

static void assert_fact(struct dispute_fact actual, struct dispute_fact expected)
{
    assert_int_equal(actual.status, expected.status);
    assert_int_equal(actual.contradictory, expected.contradictory);
}

static void the_end_of_a_dispute_stays_and_two_ends_contradict(void **state)
{
    /* The row meets the column: none open closed won lost contradictory. */
    const struct dispute_fact drawing[FACT_COUNT][FACT_COUNT] = {
        { none,          open,          closed,        won,           lost,          contradictory },
        { open,          open,          closed,        won,           lost,          contradictory },
        { closed,        closed,        closed,        won,           lost,          contradictory },
        { won,           won,           won,           won,           contradictory, contradictory },
        { lost,          lost,          lost,          contradictory, lost,          contradictory },
        { contradictory, contradictory, contradictory, contradictory, contradictory, contradictory },
    };
    (void) state;

    for_each_fact (a)
        for_each_fact (b)
            assert_fact(dispute_merge(fact(a), fact(b)), drawing[a][b]);
}

static void merging_is_idempotent_commutative_and_associative(void **state)
{
    (void) state;
    for_each_fact (a) {
        assert_fact(dispute_merge(fact(a), fact(a)), fact(a));
        for_each_fact (b) {
            assert_fact(dispute_merge(fact(a), fact(b)), dispute_merge(fact(b), fact(a)));
            for_each_fact (c)
                assert_fact(dispute_merge(dispute_merge(fact(a), fact(b)), fact(c)),
                            dispute_merge(fact(a), dispute_merge(fact(b), fact(c))));
        }
    }
}

static void every_name_is_read_back_and_no_other(void **state)
{
    static const char *const names[] = { "none", "inquiry", "open", "closed", "won", "lost" };
    enum dispute_status status;
    (void) state;

    for (int i = 0; i <= DISPUTE_LOST; i++) {
        assert_string_equal(dispute_status_name((enum dispute_status) i), names[i]);
        assert_true(dispute_status_parse(names[i], &status));
        assert_int_equal(status, i);
    }
    status = DISPUTE_LOST;
    assert_false(dispute_status_parse("", &status));
    assert_false(dispute_status_parse(NULL, &status));
    assert_false(dispute_status_parse("Won", &status));
    assert_int_equal(status, DISPUTE_LOST);
}

/* --- What is known of one dispute ---------------------------------------------------------- */

static struct dispute_facts word(int64_t at_ms, struct dispute_fact said)
{
    return (struct dispute_facts) { .at_ms = at_ms, .fact = said };
}

static void the_newer_word_counts_and_rank_decides_within_a_moment(void **state)
{
    (void) state;
    for_each_fact (a)
        for_each_fact (b) {
            assert_fact(dispute_facts_merge(word(1, fact(a)), word(2, fact(b))).fact, fact(b));
            assert_fact(dispute_facts_merge(word(2, fact(a)), word(1, fact(b))).fact, fact(a));
            assert_fact(dispute_facts_merge(word(2, fact(a)), word(2, fact(b))).fact,
                        dispute_merge(fact(a), fact(b)));
        }
}

static void money_and_due_date_never_shrink_whatever_is_newer(void **state)
{
    struct dispute_facts old = { .at_ms = 1, .fact = open, .amount_minor = 900, .due_at_s = 77,
                                 .withdrawn_minor = 900, .reinstated_minor = 400 };
    struct dispute_facts merged = dispute_facts_merge(old, word(2, won));
    (void) state;

    assert_int_equal(merged.withdrawn_minor, 900);
    assert_int_equal(merged.reinstated_minor, 400);
    assert_int_equal(merged.due_at_s, 77);
    assert_fact(merged.fact, won);
}

static void a_contradiction_has_no_name_at_the_provider(void **state)
{
    struct dispute_facts a = { .at_ms = 3, .fact = won, .provider_status = "won" };
    struct dispute_facts b = { .at_ms = 3, .fact = lost, .provider_status = "lost" };
    (void) state;

    assert_string_equal(dispute_facts_merge(a, b).provider_status, "");
    b.at_ms = 4;
    assert_string_equal(dispute_facts_merge(a, b).provider_status, "lost");
}

static void the_other_end_and_an_older_unheard_end_are_asked_about(void **state)
{
    (void) state;
    for (int64_t at_ms = 1; at_ms <= 3; at_ms++) {
        struct dispute_facts known_won = word(2, won), known_open = word(2, open),
                             known_closed = word(2, closed), news_lost = word(at_ms, lost),
                             news_won = word(at_ms, won), news_open = word(at_ms, open);

        assert_true(dispute_is_doubtful(&known_won, &news_lost));
        assert_false(dispute_is_doubtful(&known_won, &news_won));
        assert_false(dispute_is_doubtful(&known_won, &news_open));
        assert_int_equal(dispute_is_doubtful(&known_open, &news_won), at_ms < 2);
        assert_int_equal(dispute_is_doubtful(&known_open, &news_lost), at_ms < 2);
        assert_false(dispute_is_doubtful(&known_open, &news_open));
        assert_false(dispute_is_doubtful(&known_closed, &news_won));
    }
}

/* --- Of one payment ------------------------------------------------------------------------ */

static void the_overlay_is_open_else_lost_else_won_else_none(void **state)
{
    static const enum dispute_status rank[] = { DISPUTE_NONE, DISPUTE_WON, DISPUTE_LOST,
                                                DISPUTE_OPEN };
    static const int of_fact[FACT_COUNT] = { 0, 3, 0, 1, 2, 3 };        /* index into rank */
    struct dispute disputes[3] = { { .created_at_ms = 1 } };
    (void) state;

    assert_int_equal(dispute_overlay(disputes, 0), DISPUTE_NONE);
    for_each_fact (a)
        for_each_fact (b)
            for_each_fact (c) {
                int top = of_fact[a] > of_fact[b] ? of_fact[a] : of_fact[b];

                disputes[0].facts.fact = fact(a);
                disputes[1].facts.fact = fact(b);
                disputes[2].facts.fact = fact(c);
                assert_int_equal(dispute_overlay(disputes, 1), rank[of_fact[a]]);
                assert_int_equal(dispute_overlay(disputes, 2), rank[top]);
                top = top > of_fact[c] ? top : of_fact[c];
                assert_int_equal(dispute_overlay(disputes, 3), rank[top]);
            }
}

static void what_disputes_hold_is_what_they_took_and_did_not_give_back(void **state)
{
    const struct dispute disputes[] = {
        { .facts = { .withdrawn_minor = 900, .reinstated_minor = 900 } },
        { .facts = { .withdrawn_minor = 500, .reinstated_minor = 100 } },
        { .facts = { .withdrawn_minor = 7 } },
    };
    (void) state;

    assert_int_equal(disputed_minor(disputes, 0), 0);
    assert_int_equal(disputed_minor(disputes, 1), 0);
    assert_int_equal(disputed_minor(disputes, 3), 407);
}

static struct dispute_facts lost_for(int64_t amount_minor, bool assumed, int64_t at_ms)
{
    return (struct dispute_facts) {
        .at_ms = at_ms, .fact = { DISPUTE_LOST, false }, .amount_minor = amount_minor,
        .amount_assumed = assumed, .withdrawn_minor = amount_minor,
    };
}

static struct dispute_facts told_after(struct dispute_facts known, struct dispute_facts news)
{
    dispute_settle_amounts(&known, &news);
    return dispute_facts_merge(known, news);
}

static void what_was_told_beats_what_was_assumed_whichever_is_newer(void **state)
{
    (void) state;

    for (int told_at = 1; told_at <= 3; told_at++) {
        struct dispute_facts told = lost_for(2500, false, told_at), assumed = lost_for(10000, true, 2);
        struct dispute dispute = { .facts = told_after(assumed, told) };

        assert_int_equal(dispute.facts.amount_minor, 2500);
        assert_false(dispute.facts.amount_assumed);
        assert_int_equal(dispute.facts.withdrawn_minor, 10000);     /* that stands in the ledger */
        assert_int_equal(disputed_minor(&dispute, 1), 2500);
        dispute.facts = told_after(dispute.facts, assumed);
        assert_int_equal(disputed_minor(&dispute, 1), 2500);
        dispute.facts = told_after(told, assumed);
        assert_int_equal(dispute.facts.amount_minor, 2500);
        assert_int_equal(dispute.facts.withdrawn_minor, 2500);
        assert_int_equal(dispute.facts.reinstated_minor, 0);
    }
}

static void while_nobody_tells_an_amount_it_stays_assumed(void **state)
{
    struct dispute_facts known = lost_for(10000, true, 1);
    (void) state;

    known = told_after(known, lost_for(10000, true, 2));
    assert_true(known.amount_assumed);
    assert_int_equal(known.withdrawn_minor, 10000);
    assert_int_equal(known.reinstated_minor, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_dispute_stays_and_two_ends_contradict),
        cmocka_unit_test(merging_is_idempotent_commutative_and_associative),
        cmocka_unit_test(every_name_is_read_back_and_no_other),
        cmocka_unit_test(the_newer_word_counts_and_rank_decides_within_a_moment),
        cmocka_unit_test(money_and_due_date_never_shrink_whatever_is_newer),
        cmocka_unit_test(a_contradiction_has_no_name_at_the_provider),
        cmocka_unit_test(the_other_end_and_an_older_unheard_end_are_asked_about),
        cmocka_unit_test(the_overlay_is_open_else_lost_else_won_else_none),
        cmocka_unit_test(what_disputes_hold_is_what_they_took_and_did_not_give_back),
        cmocka_unit_test(what_was_told_beats_what_was_assumed_whichever_is_newer),
        cmocka_unit_test(while_nobody_tells_an_amount_it_stays_assumed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
