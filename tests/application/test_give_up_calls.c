/* give_up_calls: what nobody will ever tell, a human ends; and what is told later is not lost. */
#include "given_refund.h"

#include <stdio.h>

#include "application/recovery/recover_payment.h"
#include "application/settling/give_up_calls.h"
#include "application/transaction.h"

#define LEASE_S (CALL_LEASE_S + 1)

static int given_up;

static const struct problem *step(struct ctx *ctx, void *unused)
{
    struct payment_lock lock;
    (void) unused;

    TRY(store_payment_lock(ctx, last_payment()->id, &lock));
    TRY(give_up_calls(ctx, &lock, &given_up));
    assert_int_equal(lock.payment.status,
                     payment_derive(&lock.payment.facts, lock.payment.amount.minor));
    return OK;
}

static const struct problem *give_up(void)
{
    const struct problem *problem = in_transaction(given_a_request_of_an_admin(), step, NULL);

    fake_store_check_invariants(the_store);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
    return problem;
}

static void given_a_lost_refund(void)
{
    given_a_paid_payment();
    fake_provider_will(FAKE_HANGS);
    (void) refund_answer(3000, "k1");
    given_time_passes(LEASE_S);
}

static void given_a_lost_checkout(void)
{
    set_up_world(NULL);
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    checkout_answer("alice", "abc-123", NULL);
    given_time_passes(LEASE_S);
}

static void a_given_up_refund_frees_its_amount(void **state)
{
    (void) state;
    given_a_lost_refund();
    assert_null(give_up());

    assert_int_equal(given_up, 1);
    assert_int_equal(last_refund()->status, REFUND_CANCELLED);
    assert_int_equal(last_payment()->refund_held_minor, 0);
    assert_int_equal(fake_store_count_audits(the_store, "call.given_up"), 1);
    assert_true(rows()->calls[1].given_up);
    assert_int_equal(refund_answer(9999, "k2").http_status, 201);
    assert_int_equal(refund_answer(3000, "k1").http_status, 201);       /* how it stands, and no other one */
    assert_int_equal(rows()->refund_count, 2);
}

static void a_given_up_refund_that_comes_to_light_is_a_question(void **state)
{
    (void) state;
    given_a_lost_refund();
    assert_null(give_up());
    given_the_webhook_if_news(refund_event("evt_9", last_payment(), last_refund()->id.text, "re_9", 3000,
                                           REFUND_SUCCEEDED));
    assert_true(last_payment()->needs_review);
}

static void a_given_up_page_frees_its_order(void **state)
{
    (void) state;
    given_a_lost_checkout();
    assert_null(give_up());

    assert_int_equal(last_payment()->status, PAYMENT_CANCELLED);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
    assert_int_equal(payment_count(), 2);
}

static void money_on_a_given_up_page_is_a_late_success_or_a_surplus(void **state)
{
    (void) state;
    for (int paid_anew = 0; paid_anew <= 1; paid_anew++) {
        struct payment first;

        given_a_lost_checkout();
        assert_null(give_up());
        first = *last_payment();
        if (paid_anew) {
            checkout_answer("alice", "abc-123", NULL);
            given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
        }
        given_the_webhook(captured_event("evt_2", &first), WEBHOOK_APPLIED);
        assert_int_equal(rows()->payments[0].status, PAYMENT_COMPLETED);
        assert_int_equal(rows()->payments[0].surplus, paid_anew);
    }
}

static void what_is_asked_right_now_is_not_given_up(void **state)
{
    const struct problem *problem;
    (void) state;

    given_a_paid_payment();
    fake_provider_will(FAKE_HANGS);
    (void) refund_answer(3000, "k1");
    rows()->calls[1].lease_until_ms += CALL_LEASE_S * 1000;
    problem = give_up();
    assert_int_equal(problem->type, PROBLEM_REQUEST_IN_PROGRESS);
    assert_int_equal(last_refund()->status, REFUND_PENDING);
}

static void without_an_open_call_nothing_changes(void **state)
{
    (void) state;
    given_a_paid_payment();
    assert_null(give_up());
    assert_int_equal(given_up, 0);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(fake_store_count_audits(the_store, "call.given_up"), 0);
}

static void a_slow_bank_that_is_given_up_is_closed(void **state)
{
    struct payment payment;
    enum recovery_result result;
    struct ctx *ctx;
    (void) state;

    given_an_unpaid_payment();
    fake_provider_object(0)->state = FAKE_UNDER_WAY;
    given_time_passes(CHECKOUT_TTL_S + PAYMENT_EXPIRY_GRACE_S + 1);
    ctx = given_a_request_of("jobs");
    assert_null(recover_payment(ctx, last_payment()->id, NULL, &payment, &result));
    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_null(give_up());
    assert_int_equal(last_payment()->status, PAYMENT_CANCELLED);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_given_up_refund_frees_its_amount),
        TEST(a_given_up_refund_that_comes_to_light_is_a_question),
        TEST(a_given_up_page_frees_its_order),
        TEST(money_on_a_given_up_page_is_a_late_success_or_a_surplus),
        TEST(what_is_asked_right_now_is_not_given_up),
        TEST(without_an_open_call_nothing_changes),
        TEST(a_slow_bank_that_is_given_up_is_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
