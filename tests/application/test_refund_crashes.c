/*
 * refund_payment, killed at every step, or with every round trip lost: whatever happens, the provider
 * gives the money back once, and the repeat with the same key gets the right answer.
 */
#include "given_refund.h"

#include <string.h>

/* True when the refund came to its end before the nth step. */
static bool refund_until(int nth)
{
    struct refund_payment command = refund_command(3000, a_refund_key("k1", "f3000"));
    struct ctx *ctx = given_a_request_of_an_admin();
    struct answer answer;
    bool survived = SURVIVES(nth, refund_payment(ctx, &command, &answer));

    fake_store_reconnect(the_store);
    return survived;
}

static void assert_refunded_once(void)
{
    assert_int_equal(fake_provider_refunded_minor(), 3000);
    assert_int_equal(fake_provider_key_count(), 2);             /* checkout and refund */
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(last_refund()->status, REFUND_SUCCEEDED);
    assert_int_equal(last_payment()->facts.refunded_minor, 3000);
    assert_int_equal(rows()->ledger_count, 2);
    assert_true(rows()->calls[1].finished);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
    fake_store_check_invariants(the_store);
}

static void assert_right_answer(const struct answer *answer)
{
    assert_int_equal(answer->http_status, 201);
    assert_body_has(answer, "3000 succeeded");
}

/* The lease of the dead worker is still running: never a second call, never a wrong answer. */
static void assert_patience(void)
{
    struct refund_payment command = refund_command(3000, a_refund_key("k1", "f3000"));
    int calls = fake_provider_call_count();
    int refunds = rows()->refund_count;
    struct answer answer;
    const struct problem *problem = refund_payment(given_a_request_of_an_admin(), &command, &answer);

    if (problem != OK)
        assert_int_equal(problem->type, PROBLEM_REQUEST_IN_PROGRESS);
    else
        assert_right_answer(&answer);
    if (refunds == 1)
        assert_int_equal(fake_provider_call_count(), calls);
}

static void a_crash_at_any_step_gives_the_money_back_once(void **state)
{
    int steps = 0;
    (void) state;

    for (int patient = 0; patient <= 1; patient++) {
        bool ended = false;

        for (int nth = 1; !ended; nth++, steps++) {
            struct answer answer;

            given_a_paid_payment();
            ended = refund_until(nth);
            if (!patient)
                assert_patience();
            given_time_passes(IDEMPOTENCY_LEASE_S + 1);
            answer = refund_answer(3000, "k1");

            assert_right_answer(&answer);
            assert_refunded_once();
        }
    }
    assert_true(steps >= 2 * 8);        /* 3 round trips and a call have that many boundaries */
}

static void a_crash_of_the_repeat_changes_nothing(void **state)
{
    bool first_ended = false;
    (void) state;

    for (int first = 1; !first_ended; first++) {
        bool second_ended = false;

        for (int second = 1; !second_ended; second++) {
            struct answer answer;

            given_a_paid_payment();
            first_ended = refund_until(first);
            given_time_passes(IDEMPOTENCY_LEASE_S + 1);
            second_ended = refund_until(second);
            given_time_passes(IDEMPOTENCY_LEASE_S + 1);
            answer = refund_answer(3000, "k1");

            assert_right_answer(&answer);
            assert_refunded_once();
        }
    }
}

/* Between the crash and the repeat the provider tells of the refund. */
static void a_webhook_between_crash_and_repeat_counts_once(void **state)
{
    bool ended = false;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        struct answer answer;

        given_a_paid_payment();
        ended = refund_until(nth);
        if (fake_provider_refunded_minor() > 0)
            given_the_webhook(refund_event("evt_9", last_payment(), last_refund()->id.text, "re_2",
                                           3000, REFUND_SUCCEEDED), WEBHOOK_APPLIED);
        given_time_passes(IDEMPOTENCY_LEASE_S + 1);
        answer = refund_answer(3000, "k1");

        assert_right_answer(&answer);
        assert_int_equal(fake_provider_refunded_minor(), 3000);
        assert_int_equal(rows()->refund_count, 1);
        assert_int_equal(rows()->ledger_count, 2);
        assert_int_equal(fake_store_refusal_count(the_store), 0);
        fake_store_check_invariants(the_store);
    }
}

static void a_lost_round_trip_is_repeated_without_another_call(void **state)
{
    static const enum fake_fault faults[] = { FAULT_CONNECTION_LOST_BEFORE,
                                              FAULT_CONNECTION_LOST_AFTER, FAULT_SERIALIZATION };
    (void) state;

    for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++)
        for (int nth = 1; nth <= 3; nth++) {
            struct answer answer;
            int repeats;

            given_a_paid_payment();
            repeats = fake_store_repeat_count(the_store);
            fake_store_fail(the_store, nth, faults[f]);
            answer = refund_answer(3000, "k1");

            assert_right_answer(&answer);
            assert_int_equal(fake_provider_call_count(), 2);
            assert_int_equal(fake_store_repeat_count(the_store) - repeats, 1);
            assert_refunded_once();
        }
}

/* Each answer that a lost COMMIT may hide: what was decided once stays decided. */
static void a_lost_commit_of_any_outcome_keeps_that_outcome(void **state)
{
    static const struct { enum fake_reaction reaction; int status; } cases[] = {
        { FAKE_REFUSES, 402 },          { FAKE_REJECTS, 502 },      { FAKE_IS_DOWN, 202 },
        { FAKE_LOSES_ITS_ANSWER, 202 }, { FAKE_SAYS_PENDING, 201 }, { FAKE_SAYS_FAILED, 201 },
        { FAKE_SAYS_NOTHING_IS_LEFT, 409 }, { FAKE_NAMES_ANOTHER_AMOUNT, 202 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int nth = 1; nth <= 3; nth++) {
            struct answer answer;

            given_a_paid_payment();
            fake_provider_will(cases[i].reaction);
            fake_store_fail(the_store, nth, FAULT_CONNECTION_LOST_AFTER);
            answer = refund_answer(3000, "k1");

            assert_int_equal(answer.http_status, cases[i].status);
            assert_int_equal(rows()->refund_count, 1);
            assert_int_equal(fake_provider_call_count(), 2);
            assert_int_equal(fake_store_refusal_count(the_store), 0);
            fake_store_check_invariants(the_store);
        }
}

static void break_the_database(void *unused)
{
    (void) unused;
    fake_store_is_down(the_store, true);
}

static void an_outcome_that_could_not_be_stored_is_learned_again_by_the_repeat(void **state)
{
    struct refund_payment command;
    struct answer answer;
    (void) state;

    command = refund_command(3000, a_refund_key("k1", "f3000"));
    fake_provider_during_call(break_the_database, NULL);
    assert_int_equal(refund_payment(given_a_request_of_an_admin(), &command, &answer)->type,
                     PROBLEM_DATABASE_UNAVAILABLE);
    fake_store_is_down(the_store, false);
    given_time_passes(IDEMPOTENCY_LEASE_S + 1);
    answer = refund_answer(3000, "k1");

    assert_right_answer(&answer);
    assert_refunded_once();
}

static void without_a_database_no_provider_is_called(void **state)
{
    struct refund_payment command = refund_command(3000, a_refund_key("k1", "f3000"));
    struct answer answer;
    (void) state;

    fake_store_is_down(the_store, true);
    assert_int_equal(refund_payment(given_a_request_of_an_admin(), &command, &answer)->type,
                     PROBLEM_DATABASE_UNAVAILABLE);
    assert_int_equal(fake_provider_call_count(), 1);            /* the checkout's */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_a_paid_payment, tear_down_checked)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_crash_at_any_step_gives_the_money_back_once),
        TEST(a_crash_of_the_repeat_changes_nothing),
        TEST(a_webhook_between_crash_and_repeat_counts_once),
        TEST(a_lost_round_trip_is_repeated_without_another_call),
        TEST(a_lost_commit_of_any_outcome_keeps_that_outcome),
        TEST(an_outcome_that_could_not_be_stored_is_learned_again_by_the_repeat),
        TEST(without_a_database_no_provider_is_called),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
