#include "domain/dispute.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FACT_COUNT 5

/* All that can be known of a dispute. */
static const struct dispute_fact none = { DISPUTE_NONE, false }, open = { DISPUTE_OPEN, false },
                                 won = { DISPUTE_WON, false }, lost = { DISPUTE_LOST, false },
                                 contradictory = { DISPUTE_OPEN, true };

static struct dispute_fact fact(int number)
{
    const struct dispute_fact facts[FACT_COUNT] = { none, open, won, lost, contradictory };

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
    /* The row meets the column: none open won lost contradictory. */
    const struct dispute_fact drawing[FACT_COUNT][FACT_COUNT] = {
        { none,          open,          won,           lost,          contradictory },
        { open,          open,          won,           lost,          contradictory },
        { won,           won,           won,           contradictory, contradictory },
        { lost,          lost,          contradictory, lost,          contradictory },
        { contradictory, contradictory, contradictory, contradictory, contradictory },
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
    static const char *const names[] = { "none", "open", "won", "lost" };
    enum dispute_status status;
    (void) state;

    for (int i = 0; i < 4; i++) {
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_dispute_stays_and_two_ends_contradict),
        cmocka_unit_test(merging_is_idempotent_commutative_and_associative),
        cmocka_unit_test(every_name_is_read_back_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
