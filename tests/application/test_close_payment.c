/*
 * cancel_payment, sync_payment, and a checkout that wants another provider: a page is closed at its
 * provider before anything else is promised, and money that arrives meanwhile wins.
 */
#include "given.h"

#include <string.h>

#include "application/recovery/recover_payment.h"

#define LEASE_S (CALL_LEASE_S + 1)

static const struct problem *problem;
static struct answer answer;

static void given_a_checkout(enum fake_reaction reaction)
{
    struct answer first;

    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    fake_provider_will(reaction);
    (void) check_out(given_a_request_of("alice"), "abc-123", NULL, &first);
}

static void cancel(void)
{
    answer = (struct answer) { 0 };
    problem = cancel_payment(given_a_request_of("alice"), last_payment()->id.text, &answer);
    fake_store_check_invariants(the_store);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
}

static void sync(void)
{
    answer = (struct answer) { 0 };
    problem = sync_payment(given_a_request_of("alice"), last_payment()->id.text, &answer);
    fake_store_check_invariants(the_store);
}

static void let_jobs_run(void)
{
    struct ctx *ctx = given_a_request_of("jobs");
    struct payment_id due[JOBS_BATCH_MAX];
    enum recovery_result result;
    struct payment payment;
    int count;

    assert_null(store_due_payments(ctx, due, &count));
    for (int i = 0; i < count; i++)
        assert_null(recover_payment(ctx, due[i], NULL, &payment, &result));
    fake_store_check_invariants(the_store);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
}

static void expect_answer(int http_status, enum payment_status status)
{
    assert_null(problem);
    assert_int_equal(answer.http_status, http_status);
    assert_int_equal(last_payment()->status, status);
    assert_int_equal(answer.retry_after_s, http_status == 202 ? 5 : 0);
}

static void expect_problem(enum problem_type type, const char *word)
{
    assert_non_null(problem);
    assert_int_equal(problem->type, type);
    if (strstr(problem->detail, word) == NULL)
        fail_msg("\"%s\" does not stand in \"%s\"", word, problem->detail);
}

/* --- Cancel -------------------------------------------------------------------------------- */

static void an_unpaid_payment_is_cancelled_and_the_order_is_free(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    cancel();

    expect_answer(200, PAYMENT_CANCELLED);
    assert_body_has(&answer, "cancelled");
    assert_int_equal(fake_provider_open_count(), 0);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_CANCELLED), 1);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
    assert_int_equal(fake_provider_open_count(), 1);
}

static void a_repeat_hears_the_same_and_asks_nobody(void **state)
{
    int calls;
    (void) state;

    given_a_checkout(FAKE_ANSWERS);
    cancel();
    calls = fake_provider_call_count();
    cancel();

    expect_answer(200, PAYMENT_CANCELLED);
    assert_int_equal(fake_provider_call_count(), calls);
}

static void what_is_not_open_cannot_be_cancelled_and_says_why(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
    cancel();
    expect_problem(PROBLEM_INVALID_PAYMENT_STATE, "is completed");
    assert_int_equal(fake_provider_call_count(), 1);

    set_up_world(NULL);
    given_a_checkout(FAKE_ANSWERS);
    given_the_webhook(closed_event("evt_1", last_payment(), PAYMENT_CLOSED_EXPIRED),
                      WEBHOOK_APPLIED);
    cancel();
    expect_problem(PROBLEM_INVALID_PAYMENT_STATE, "is expired");

    set_up_world(NULL);
    given_a_checkout(FAKE_REFUSES);
    cancel();
    expect_problem(PROBLEM_INVALID_PAYMENT_STATE, "is failed");
}

static void what_was_paid_meanwhile_is_completed_and_says_so(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_PAID;
    cancel();

    expect_problem(PROBLEM_PAYMENT_ALREADY_PROCESSED, "was paid");
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_true(fake_store_tables(the_store)->calls[1].finished);
}

static void what_a_bank_has_under_way_is_awaited(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_UNDER_WAY;
    cancel();

    expect_problem(PROBLEM_INVALID_PAYMENT_STATE, "awaited");
    assert_true(fake_store_tables(the_store)->calls[1].finished);
    assert_true(payment_is_open(&last_payment()->facts));
}

static void a_page_that_ended_by_itself_counts_as_cancelled(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_EXPIRED;
    cancel();

    expect_answer(200, PAYMENT_CANCELLED);
}

static void without_an_answer_the_intent_stands_and_recovery_finishes_it(void **state)
{
    static const enum fake_reaction silent[] = { FAKE_LOSES_ITS_ANSWER, FAKE_HANGS, FAKE_IS_DOWN,
                                                 FAKE_IS_BUSY, FAKE_FAILS };
    (void) state;

    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        set_up_world(NULL);
        given_a_checkout(FAKE_ANSWERS);
        fake_provider_will(silent[i]);
        if (silent[i] == FAKE_FAILS)
            fake_provider_will(FAKE_HANGS);
        cancel();
        expect_answer(202, PAYMENT_PROCESSING);
        assert_int_equal(fake_store_tables(the_store)->call_count, 2);
        given_time_passes(5);
        let_jobs_run();

        assert_int_equal(last_payment()->status, PAYMENT_CANCELLED);
        assert_int_equal(fake_store_tables(the_store)->call_count, 2);
        assert_int_equal(fake_provider_open_count(), 0);
    }
}

static void let_the_expiry_event_come(void *argument)
{
    (void) argument;
    given_the_webhook(closed_event("evt_1", last_payment(), PAYMENT_CLOSED_EXPIRED), WEBHOOK_APPLIED);
}

static void our_own_end_of_the_page_is_a_cancellation_whoever_tells_first(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_during_call(let_the_expiry_event_come, NULL);
    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    cancel();
    expect_answer(202, PAYMENT_EXPIRED);

    given_time_passes(600);
    let_jobs_run();
    assert_int_equal(last_payment()->status, PAYMENT_CANCELLED);
    cancel();
    expect_answer(200, PAYMENT_CANCELLED);
}

static void a_payment_that_is_being_opened_is_opened_first(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    given_time_passes(5);
    cancel();

    expect_answer(200, PAYMENT_CANCELLED);
    assert_int_equal(fake_provider_open_count(), 0);
}

static void a_payment_whose_opening_is_unknown_is_not_promised_to_be_cancelled(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    given_time_passes(5);
    fake_provider_will(FAKE_HANGS);
    cancel();

    expect_answer(202, PAYMENT_PENDING);
}

static void somebody_elses_payment_is_not_there(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    problem = cancel_payment(given_a_request_of("bob"), last_payment()->id.text, &answer);
    expect_problem(PROBLEM_NOT_FOUND, "no such payment");
    problem = sync_payment(given_a_request_of("bob"), last_payment()->id.text, &answer);
    expect_problem(PROBLEM_NOT_FOUND, "no such payment");
    problem = cancel_payment(given_a_request_of("alice"), "nonsense", &answer);
    expect_problem(PROBLEM_NOT_FOUND, "no such payment");
    problem = sync_payment(given_a_request_of("alice"), "nonsense", &answer);
    expect_problem(PROBLEM_NOT_FOUND, "no such payment");
    assert_null(cancel_payment(given_a_request_of_an_admin(), last_payment()->id.text, &answer));
    assert_int_equal(answer.http_status, 200);
}

static bool cancel_until(int nth)
{
    struct ctx *ctx = given_a_request_of("alice");
    bool survived = SURVIVES(nth, cancel_payment(ctx, last_payment()->id.text, &answer));

    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_at_any_step_of_cancel_ends_cancelled_or_untouched(void **state)
{
    bool ended = false;
    int steps = 0;
    (void) state;

    for (int nth = 1; !ended; nth++, steps++) {
        set_up_world(NULL);
        given_a_checkout(FAKE_ANSWERS);
        ended = cancel_until(nth);
        given_time_passes(LEASE_S);
        let_jobs_run();
        if (fake_store_tables(the_store)->call_count == 1)
            assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
        else
            assert_int_equal(last_payment()->status, PAYMENT_CANCELLED);
        cancel();
        expect_answer(200, PAYMENT_CANCELLED);
        assert_int_equal(fake_store_tables(the_store)->call_count, 2);
    }
    assert_true(steps >= 8);
}

/* --- Sync ---------------------------------------------------------------------------------- */

static void sync_heals_what_a_lost_webhook_left(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_PAID;
    sync();

    expect_answer(200, PAYMENT_COMPLETED);
}

static void sync_without_an_answer_is_202(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_will(FAKE_HANGS);
    sync();

    expect_answer(202, PAYMENT_PROCESSING);
}

static void sync_while_somebody_asks_is_202(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    fake_store_tables(the_store)->calls[0].lease_until_ms = NOW_MS + 9000;
    sync();

    expect_answer(202, PAYMENT_PENDING);
    assert_int_equal(fake_provider_call_count(), 1);
}

/* --- Another provider ---------------------------------------------------------------------- */

static const struct problem *check_out_at_paystack(const struct idempotency_key *key)
{
    struct checkout_order command = {
        .order_id = { "abc-123" }, .currency = "", .provider = "paystack", .return_url = "",
        .cancel_url = "", .customer_email = "", .key = key,
    };

    answer = (struct answer) { 0 };
    return checkout_order(given_a_request_of("alice"), &command, &answer);
}

static void the_old_page_is_closed_before_the_new_one_is_opened(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    assert_null(check_out_at_paystack(NULL));

    assert_int_equal(answer.http_status, 201);
    assert_int_equal(payment_count(), 2);
    assert_int_equal(fake_store_tables(the_store)->payments[0].status, PAYMENT_CANCELLED);
    assert_string_equal(last_payment()->provider, "paystack");
    assert_int_equal(fake_provider_open_count(), 1);
    fake_store_check_invariants(the_store);
}

static void an_old_page_that_was_paid_is_the_orders_payment(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_PAID;
    assert_null(check_out_at_paystack(NULL));

    assert_int_equal(answer.problem->type, PROBLEM_PAYMENT_ALREADY_PROCESSED);
    assert_int_equal(payment_count(), 1);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
}

static void an_old_page_under_way_keeps_the_order(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_UNDER_WAY;
    assert_null(check_out_at_paystack(NULL));

    assert_int_equal(answer.problem->type, PROBLEM_INVALID_PAYMENT_STATE);
    assert_int_equal(payment_count(), 1);
}

static void an_old_page_of_unknown_fate_keeps_the_order_until_the_repeat(void **state)
{
    const struct idempotency_key *first = a_key("k1"), *second = a_key("k1");
    (void) state;

    given_a_checkout(FAKE_ANSWERS);
    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    assert_null(check_out_at_paystack(first));
    assert_int_equal(answer.http_status, 202);
    assert_int_equal(payment_count(), 1);
    given_time_passes(5);

    assert_null(check_out_at_paystack(second));

    assert_int_equal(answer.http_status, 201);
    assert_int_equal(payment_count(), 2);
    assert_int_equal(fake_provider_open_count(), 1);
}

static bool check_out_at_paystack_until(int nth)
{
    const struct idempotency_key *key = a_key("k1");
    bool survived = SURVIVES(nth, check_out_at_paystack(key));

    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_at_any_step_of_closing_and_opening_never_leaves_two_pages(void **state)
{
    bool ended = false;
    int steps = 0;
    (void) state;

    for (int nth = 1; !ended; nth++, steps++) {
        set_up_world(NULL);
        given_a_checkout(FAKE_ANSWERS);
        ended = check_out_at_paystack_until(nth);
        assert_true(fake_provider_open_count() <= 1);
        given_time_passes(LEASE_S);
        assert_null(check_out_at_paystack(a_key("k1")));

        assert_int_equal(answer.http_status, 201);
        assert_int_equal(fake_provider_open_count(), 1);
        assert_int_equal(payment_count(), 2);
        assert_int_equal(fake_store_refusal_count(the_store), 0);
        fake_store_check_invariants(the_store);
    }
    assert_true(steps >= 16);
}

/* The same with the page paid at each step: one charge, and the order has it. */
static void money_at_any_step_of_closing_and_opening_is_kept_once(void **state)
{
    bool ended = false;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        set_up_world(NULL);
        given_a_checkout(FAKE_ANSWERS);
        ended = check_out_at_paystack_until(nth);
        for (int i = 0; i < fake_provider_key_count(); i++)
            if (fake_provider_object(i)->made && fake_provider_object(i)->state == FAKE_OPEN)
                fake_provider_object(i)->state = FAKE_PAID;
        given_time_passes(LEASE_S);
        let_jobs_run();
        (void) check_out_at_paystack(a_key("k2"));
        for (int i = 0; i < payment_count(); i++) {
            struct payment_id id = fake_store_tables(the_store)->payments[i].id;

            assert_null(sync_payment(given_a_request_of("alice"), id.text, &answer));
        }
        assert_in_range(fake_provider_paid_count(), 0, 1);
        assert_int_equal(the_order("abc-123")->status == ORDER_PAID, fake_provider_paid_count());
        fake_store_check_invariants(the_store);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unpaid_payment_is_cancelled_and_the_order_is_free),
        TEST(a_repeat_hears_the_same_and_asks_nobody),
        TEST(what_is_not_open_cannot_be_cancelled_and_says_why),
        TEST(what_was_paid_meanwhile_is_completed_and_says_so),
        TEST(what_a_bank_has_under_way_is_awaited),
        TEST(a_page_that_ended_by_itself_counts_as_cancelled),
        TEST(without_an_answer_the_intent_stands_and_recovery_finishes_it),
        TEST(our_own_end_of_the_page_is_a_cancellation_whoever_tells_first),
        TEST(a_payment_that_is_being_opened_is_opened_first),
        TEST(a_payment_whose_opening_is_unknown_is_not_promised_to_be_cancelled),
        TEST(somebody_elses_payment_is_not_there),
        TEST(a_crash_at_any_step_of_cancel_ends_cancelled_or_untouched),
        TEST(sync_heals_what_a_lost_webhook_left),
        TEST(sync_without_an_answer_is_202),
        TEST(sync_while_somebody_asks_is_202),
        TEST(the_old_page_is_closed_before_the_new_one_is_opened),
        TEST(an_old_page_that_was_paid_is_the_orders_payment),
        TEST(an_old_page_under_way_keeps_the_order),
        TEST(an_old_page_of_unknown_fate_keeps_the_order_until_the_repeat),
        TEST(a_crash_at_any_step_of_closing_and_opening_never_leaves_two_pages),
        TEST(money_at_any_step_of_closing_and_opening_is_kept_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
