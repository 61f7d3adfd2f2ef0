/*
 * checkout_order, killed at every step, or with every round trip lost: whatever happens, there is one
 * payable object at the provider, one live payment, and the repeat gets the right answer.
 */
#include "given.h"

#include <string.h>

enum repeat { REPEAT_SAME_KEY, REPEAT_ANOTHER_KEY, REPEAT_WITHOUT_KEY, REPEAT_COUNT };

static void given_the_order(void)
{
    set_up_world(NULL);
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
}

static const struct idempotency_key *key_of(enum repeat repeat)
{
    switch (repeat) {
    case REPEAT_SAME_KEY:    return a_key("k1");
    case REPEAT_ANOTHER_KEY: return a_key("k2");
    case REPEAT_WITHOUT_KEY:
    case REPEAT_COUNT:       break;
    }
    return NULL;
}

/* True when the checkout came to its end before the nth step. */
static bool check_out_until(int nth, const struct idempotency_key *key)
{
    struct ctx *ctx = given_a_request_of("alice");
    struct answer answer;
    bool survived = SURVIVES(nth, check_out(ctx, "abc-123", key, &answer));

    fake_store_reconnect(the_store);
    return survived;
}

static void assert_one_of_everything(void)
{
    assert_int_equal(fake_provider_object_count(), 1);
    assert_int_equal(fake_provider_key_count(), 1);
    assert_int_equal(payment_count(), 1);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_string_equal(last_payment()->provider_ref, "cs_1");
    assert_string_equal(last_payment()->checkout_url, "https://pay.example/cs_1");
    assert_true(fake_store_tables(the_store)->calls[0].finished);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
    fake_store_check_invariants(the_store);
}

static void assert_right_answer(const struct answer *answer)
{
    assert_in_range(answer->http_status, 200, 201);
    assert_body_has(answer, "processing url=https://pay.example/cs_1");
}

/* The lease of the dead worker is still running: never a second call, never a wrong answer. */
static void assert_patience(enum repeat repeat)
{
    int calls = fake_provider_call_count();
    int payments = payment_count();
    struct answer answer;
    const struct problem *problem = check_out(given_a_request_of("alice"), "abc-123", key_of(repeat),
                                              &answer);

    if (problem != OK)
        assert_int_equal(problem->type, PROBLEM_REQUEST_IN_PROGRESS);
    else if (answer.http_status == 202)
        assert_int_equal(answer.retry_after_s, 5);
    else
        assert_right_answer(&answer);
    if (payments == 1 && (problem != OK || answer.http_status == 202))
        assert_int_equal(fake_provider_call_count(), calls);
}

static void a_crash_at_any_step_leaves_one_object_and_the_repeat_finishes(void **state)
{
    int steps = 0;
    (void) state;

    for (int patient = 0; patient <= 1; patient++)
        for (enum repeat repeat = 0; repeat < REPEAT_COUNT; repeat++) {
            bool ended = false;

            for (int nth = 1; !ended; nth++, steps++) {
                struct answer answer;

                given_the_order();
                ended = check_out_until(nth, a_key("k1"));
                if (!patient)
                    assert_patience(repeat);
                given_time_passes(IDEMPOTENCY_LEASE_S + 1);
                answer = checkout_answer("alice", "abc-123", key_of(repeat));

                assert_right_answer(&answer);
                if (repeat == REPEAT_SAME_KEY)
                    assert_int_equal(answer.http_status, 201);
                assert_one_of_everything();
            }
        }
    assert_true(steps >= 6 * 8);        /* 3 round trips and a call have that many boundaries */
}

static void a_crash_of_the_repeat_changes_nothing(void **state)
{
    bool first_ended = false;
    (void) state;

    for (int first = 1; !first_ended; first++) {
        bool second_ended = false;

        for (int second = 1; !second_ended; second++) {
            struct answer answer;

            given_the_order();
            first_ended = check_out_until(first, a_key("k1"));
            given_time_passes(IDEMPOTENCY_LEASE_S + 1);
            second_ended = check_out_until(second, a_key("k1"));
            given_time_passes(IDEMPOTENCY_LEASE_S + 1);
            answer = checkout_answer("alice", "abc-123", a_key("k1"));

            assert_int_equal(answer.http_status, 201);
            assert_right_answer(&answer);
            assert_one_of_everything();
        }
    }
}

/* The client that got the answer, and whoever repeats, get the same bytes. */
static void what_was_answered_before_the_crash_is_answered_after_it(void **state)
{
    struct answer first, second;
    (void) state;

    given_the_order();
    first = checkout_answer("alice", "abc-123", a_key("k1"));
    given_time_passes(IDEMPOTENCY_LEASE_S + 1);
    assert_false(check_out_until(2, a_key("k1")));
    second = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_true(bytes_equal(first.body, second.body));
    assert_one_of_everything();
}

static void a_lost_round_trip_is_repeated_without_another_call(void **state)
{
    static const enum fake_fault faults[] = { FAULT_CONNECTION_LOST_BEFORE,
                                              FAULT_CONNECTION_LOST_AFTER, FAULT_SERIALIZATION };
    (void) state;

    for (int with_key = 0; with_key <= 1; with_key++)
        for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++)
            for (int nth = 1; nth <= 3; nth++) {
                struct answer answer;

                given_the_order();
                fake_store_fail(the_store, nth, faults[f]);
                answer = checkout_answer("alice", "abc-123", with_key ? a_key("k1") : NULL);

                assert_int_equal(answer.http_status, 201);
                assert_right_answer(&answer);
                assert_int_equal(fake_provider_call_count(), 1);
                assert_int_equal(fake_store_repeat_count(the_store), 1);
                assert_one_of_everything();
            }
}

/* Each answer that a lost COMMIT may hide: what was decided once stays decided. */
static void a_lost_commit_of_any_outcome_keeps_that_outcome(void **state)
{
    static const struct { enum fake_reaction reaction; int status; } cases[] = {
        { FAKE_REFUSES, 402 },          { FAKE_REJECTS, 502 },  { FAKE_IS_DOWN, 202 },
        { FAKE_LOSES_ITS_ANSWER, 202 }, { FAKE_NAMES_ANOTHER_AMOUNT, 202 }, { FAKE_SAYS_PAID, 201 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int nth = 1; nth <= 3; nth++)
            for (int with_key = 0; with_key <= 1; with_key++) {
                struct answer answer;

                given_the_order();
                fake_provider_will(cases[i].reaction);
                fake_store_fail(the_store, nth, FAULT_CONNECTION_LOST_AFTER);
                answer = checkout_answer("alice", "abc-123", with_key ? a_key("k1") : NULL);

                assert_int_equal(answer.http_status, cases[i].status);
                assert_int_equal(payment_count(), 1);
                assert_int_equal(fake_provider_call_count(), 1);
                assert_int_equal(fake_store_refusal_count(the_store), 0);
                fake_store_check_invariants(the_store);
            }
}

static void without_a_database_no_provider_is_called(void **state)
{
    struct answer answer;
    (void) state;

    given_the_order();
    fake_store_is_down(the_store, true);

    assert_int_equal(check_out(given_a_request_of("alice"), "abc-123", NULL, &answer)->type,
                     PROBLEM_DATABASE_UNAVAILABLE);
    assert_int_equal(fake_provider_call_count(), 0);
}

static void break_the_database(void *unused)
{
    (void) unused;
    fake_store_is_down(the_store, true);
}

static void an_outcome_that_could_not_be_stored_is_learned_again_by_the_repeat(void **state)
{
    struct answer answer;
    (void) state;

    given_the_order();
    fake_provider_during_call(break_the_database, NULL);
    assert_int_equal(check_out(given_a_request_of("alice"), "abc-123", a_key("k1"), &answer)->type,
                     PROBLEM_DATABASE_UNAVAILABLE);
    fake_store_is_down(the_store, false);
    given_time_passes(IDEMPOTENCY_LEASE_S + 1);

    answer = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(answer.http_status, 201);
    assert_int_equal(fake_provider_call_count(), 2);
    assert_one_of_everything();
}

/* Between the crash and the repeat the payer pays: money is taken once, and the key knows it. */
static void money_that_came_between_crash_and_repeat_counts_once(void **state)
{
    bool ended = false;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        struct answer answer;

        given_the_order();
        ended = check_out_until(nth, a_key("k1"));
        if (fake_provider_object_count() == 1)
            given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
        given_time_passes(IDEMPOTENCY_LEASE_S + 1);
        answer = checkout_answer("alice", "abc-123", a_key("k1"));

        assert_int_equal(answer.http_status, 201);
        assert_int_equal(fake_provider_object_count(), 1);
        assert_int_equal(payment_count(), 1);
        assert_int_equal(fake_store_refusal_count(the_store), 0);
        fake_store_check_invariants(the_store);
    }
}

/* --- After a failed attempt whose page is over --------------------------------------------- */

static void given_a_page_that_is_over(void)
{
    given_the_order();
    checkout_answer("alice", "abc-123", a_key("k0"));
    given_the_webhook(progress_event("evt_1", last_payment(), PROGRESS_FAILED, NOW_MS / 1000 + 1),
                      WEBHOOK_APPLIED);
    fake_provider_object(0)->state = FAKE_OVER;
}

static void assert_one_page_followed(const struct answer *answer)
{
    assert_in_range(answer->http_status, 200, 201);
    assert_body_has(answer, "processing url=https://pay.example/cs_2");
    assert_int_equal(payment_count(), 2);
    assert_int_equal(fake_provider_object_count(), 2);
    assert_int_equal(fake_provider_open_count(), 1);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
    fake_store_check_invariants(the_store);
}

static void a_crash_on_the_way_to_the_next_page_leaves_one(void **state)
{
    int steps = 0;
    (void) state;

    for (enum repeat repeat = 0; repeat < REPEAT_COUNT; repeat++) {
        bool ended = false;

        for (int nth = 1; !ended; nth++, steps++) {
            struct answer answer;

            given_a_page_that_is_over();
            ended = check_out_until(nth, a_key("k1"));
            given_time_passes(IDEMPOTENCY_LEASE_S + 1);
            answer = checkout_answer("alice", "abc-123", key_of(repeat));

            if (repeat == REPEAT_SAME_KEY)
                assert_int_equal(answer.http_status, 201);
            assert_one_page_followed(&answer);
        }
    }
    assert_true(steps >= 3 * 22);       /* 9 round trips and two calls have that many boundaries */
}

static void a_round_trip_lost_on_the_way_to_the_next_page_is_repeated(void **state)
{
    static const enum fake_fault faults[] = { FAULT_CONNECTION_LOST_BEFORE,
                                              FAULT_CONNECTION_LOST_AFTER, FAULT_SERIALIZATION };
    (void) state;

    for (int with_key = 0; with_key <= 1; with_key++)
        for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++)
            for (int nth = 1; nth <= (with_key ? 9 : 8); nth++) {   /* only a key is taken before */
                struct answer answer;

                given_a_page_that_is_over();
                fake_store_fail(the_store, nth, faults[f]);
                answer = checkout_answer("alice", "abc-123", with_key ? a_key("k1") : NULL);

                assert_int_equal(answer.http_status, 201);
                assert_int_equal(fake_store_repeat_count(the_store), 1);
                assert_one_page_followed(&answer);
            }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_crash_at_any_step_leaves_one_object_and_the_repeat_finishes),
        TEST(a_crash_of_the_repeat_changes_nothing),
        TEST(what_was_answered_before_the_crash_is_answered_after_it),
        TEST(a_lost_round_trip_is_repeated_without_another_call),
        TEST(a_lost_commit_of_any_outcome_keeps_that_outcome),
        TEST(without_a_database_no_provider_is_called),
        TEST(an_outcome_that_could_not_be_stored_is_learned_again_by_the_repeat),
        TEST(money_that_came_between_crash_and_repeat_counts_once),
        TEST(a_crash_on_the_way_to_the_next_page_leaves_one),
        TEST(a_round_trip_lost_on_the_way_to_the_next_page_is_repeated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
