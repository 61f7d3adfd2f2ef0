/*
 * A provider whose requests carry no key: what became of a request is looked up before the same
 * request goes out again, so that there is one page and one refund, whatever was lost.
 */
#include "given_refund.h"

#include <stdio.h>
#include <string.h>

#include "application/recover_payment.h"

#define LEASE_S (CALL_LEASE_S + 1)

static struct payment payment;
static enum recovery_result result;

static struct ctx *a_job(void)
{
    struct ctx *ctx = given_a_request_of("jobs");

    ctx->actor.role = ROLE_NONE;
    return ctx;
}

static void recover(void)
{
    assert_null(recover_payment(a_job(), last_payment()->id, NULL, &payment, &result));
    fake_store_check_invariants(the_store);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
}

static struct answer check_out_there(void)
{
    struct checkout_order command = { .order_id = { "abc-123" }, .currency = "",
                                      .provider = "paystack", .return_url = "", .cancel_url = "",
                                      .customer_email = "" };
    struct answer answer;

    assert_null(checkout_order(given_a_request_of("alice"), &command, &answer));
    return answer;
}

static struct answer given_a_checkout(enum fake_reaction reaction)
{
    set_up_world(NULL);
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    fake_provider_will(reaction);
    return check_out_there();
}

static void given_a_refund(enum fake_reaction reaction)
{
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_PAID;
    recover();
    snprintf(last_payment()->provider_intent, PROVIDER_REF_MAX, "302961");
    fake_provider_will(reaction);
    (void) refund_answer(1000, "k1");
}

static int requests_of_refund(void)
{
    return fake_provider_object(1)->requests;
}

static void assert_refunded_once(void)
{
    assert_int_equal(last_refund()->status, REFUND_SUCCEEDED);
    assert_int_equal(last_payment()->facts.refunded_minor, 1000);
    assert_int_equal(fake_provider_refunded_minor(), 1000);
}

/* --- Money that went back -------------------------------------------------------------------- */

static void given_reversed_money(void)
{
    given_a_checkout(FAKE_ANSWERS);
    snprintf(last_payment()->provider_intent, PROVIDER_REF_MAX, "302961");
    fake_provider_object(0)->state = FAKE_REVERSED;
}

static void money_that_went_back_for_no_listed_reason_is_left_to_a_human(void **state)
{
    (void) state;
    given_reversed_money();
    recover();
    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);           /* the lists may lag */
    assert_int_equal(payment.facts.captured_minor, 9999);
    assert_false(payment.needs_review);

    given_time_passes(RECOVERY_REVERSAL_MS / 1000);
    recover();
    assert_int_equal(result, RECOVERY_NOTHING_OPEN);
    assert_true(payment.needs_review);
    assert_non_null(strstr(payment.review_reason, "went back"));
    assert_int_equal(fake_store_count_events(the_store, EVENT_PAYMENT_REVIEW_NEEDED), 1);
}

static void money_that_went_back_by_a_listed_refund_is_no_question(void **state)
{
    struct provider_refund made = { .ref = "7", .intent = "302961", .amount_minor = 9999, .currency = "USD",
                                    .status = REFUND_SUCCEEDED };
    (void) state;

    given_reversed_money();
    recover();
    fake_provider_lists(&made, 1);
    given_time_passes(RECOVERY_REVERSAL_MS / 1000);
    recover();
    assert_int_equal(result, RECOVERY_NOTHING_OPEN);
    assert_int_equal(payment.status, PAYMENT_REFUNDED);
    assert_false(payment.needs_review);
}

/* --- Checkout ------------------------------------------------------------------------------ */

/* It answered nothing that named its page; but the page is named by our id. */
static void a_payment_without_a_known_page_is_asked_for_by_our_id(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    last_payment()->provider_ref[0] = last_payment()->checkout_url[0] = '\0';
    last_payment()->facts.closed = PAYMENT_CLOSED_FAILED;
    last_payment()->status = PAYMENT_FAILED;
    fake_provider_object(0)->state = FAKE_PAID;
    recover();

    assert_int_equal(result, RECOVERY_NOTHING_OPEN);
    assert_int_equal(payment.status, PAYMENT_COMPLETED);
}

static void a_lost_checkout_is_looked_for_and_not_sent_again(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    given_time_passes(5);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_int_equal(payment.status, PAYMENT_PROCESSING);
    assert_int_equal(fake_provider_object(0)->requests, 1);
}

static void a_checkout_that_never_arrived_is_sent_again_after_the_look(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    given_time_passes(5);
    recover();

    assert_int_equal(payment.status, PAYMENT_PROCESSING);
    assert_string_not_equal(payment.checkout_url, "");
    assert_int_equal(fake_provider_object(0)->requests, 2);
}

static void a_look_that_fails_sends_nothing(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    given_time_passes(5);
    fake_provider_will(FAKE_HANGS);
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(fake_provider_object(0)->requests, 1);
}

static void a_reference_that_exists_tells_nothing_but_to_look_again(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    given_time_passes(5);
    fake_provider_will(FAKE_ANSWERS);                   /* the look: it is not there */
    fake_provider_will(FAKE_SAYS_DUPLICATE);            /* and then it is */
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(last_payment()->status, PAYMENT_PENDING);
}

static void out_of_time_it_is_not_sent_any_more_and_the_order_is_free(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    given_time_passes(CHECKOUT_TTL_S);
    recover();

    assert_int_equal(payment.status, PAYMENT_FAILED);
    assert_int_equal(fake_provider_object(0)->requests, 1);
    assert_int_equal(fake_provider_object_count(), 0);
}

static void the_clients_repeat_looks_first_too(void **state)
{
    (void) state;
    assert_int_equal(given_a_checkout(FAKE_LOSES_ITS_ANSWER).http_status, 202);

    assert_int_equal(check_out_there().http_status, 200);
    assert_int_equal(fake_provider_object(0)->requests, 1);
    assert_int_equal(fake_provider_object_count(), 1);
}

static void the_clients_repeat_waits_when_the_look_tells_nothing(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    fake_provider_will(FAKE_HANGS);

    assert_int_equal(check_out_there().http_status, 202);
    assert_int_equal(fake_provider_object(0)->requests, 1);
}

/* --- Refund -------------------------------------------------------------------------------- */

static void a_lost_refund_is_found_in_the_list_and_not_sent_again(void **state)
{
    (void) state;
    given_a_refund(FAKE_LOSES_ITS_ANSWER);
    given_time_passes(5);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_refunded_once();
    assert_int_equal(requests_of_refund(), 1);
}

static void a_refund_that_never_arrived_is_sent_again_after_a_minute(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    given_time_passes(59);
    recover();
    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(requests_of_refund(), 1);

    given_time_passes(60);
    recover();
    assert_refunded_once();
    assert_int_equal(requests_of_refund(), 2);
}

static void a_list_that_does_not_come_to_its_end_sends_nothing(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    given_time_passes(60);
    fake_provider_lists_nothing_now(true);
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(requests_of_refund(), 1);
}

static void a_refund_of_yesterday_is_given_up_and_not_sent(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    recover();

    assert_int_equal(last_refund()->status, REFUND_FAILED);
    assert_int_equal(requests_of_refund(), 1);
    assert_int_equal(last_payment()->refund_held_minor, 0);
}

static void the_clients_repeat_leaves_it_to_recovery(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    given_time_passes(LEASE_S);

    assert_int_equal(refund_answer(1000, "k1").http_status, 202);
    assert_int_equal(requests_of_refund(), 1);
}

static void a_refund_that_nobody_sent_goes_out_after_a_look(void **state)
{
    (void) state;
    given_a_refund(FAKE_IS_DOWN);
    recover();

    assert_refunded_once();
    assert_int_equal(fake_provider_list_count(), 2);    /* after a charge was learned, and now */
}

static bool recover_until(int nth)
{
    struct ctx *ctx = a_job();
    bool survived = SURVIVES(nth, recover_payment(ctx, last_payment()->id, NULL, &payment, &result));

    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_at_any_step_is_one_refund(void **state)
{
    static const enum fake_reaction first[] = { FAKE_LOSES_ITS_ANSWER, FAKE_HANGS };
    (void) state;

    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        bool ended = false;

        for (int nth = 1; !ended; nth++) {
            given_a_refund(first[i]);
            given_time_passes(60);
            ended = recover_until(nth);
            given_time_passes(LEASE_S + 60);
            recover();
            given_time_passes(60);
            recover();
            assert_refunded_once();
        }
    }
}

/* --- Lists --------------------------------------------------------------------------------- */

static void given_a_list_of_5(struct provider_refund refunds[static 5])
{
    for (int i = 0; i < 5; i++) {
        refunds[i] = (struct provider_refund) { .amount_minor = 100, .currency = "USD",
                                                .status = REFUND_SUCCEEDED };
        snprintf(refunds[i].ref, sizeof(refunds[i].ref), "re_9%d", i);
        snprintf(refunds[i].intent, sizeof(refunds[i].intent), "%s",
                 last_payment()->provider_intent);
    }
    fake_provider_lists(refunds, 5);
}

static void ours_is_found_on_the_last_page(void **state)
{
    struct provider_refund refunds[5];
    (void) state;

    given_a_refund(FAKE_HANGS);
    given_a_list_of_5(refunds);
    refunds[4].refund_id = last_refund()->id;
    refunds[4].amount_minor = 1000;
    given_time_passes(60);
    recover();

    assert_int_equal(last_refund()->status, REFUND_SUCCEEDED);
    assert_int_equal(requests_of_refund(), 1);
}

static void every_page_is_adopted(void **state)
{
    struct provider_refund refunds[5];
    (void) state;

    given_a_refund(FAKE_ANSWERS);
    given_a_list_of_5(refunds);
    recover();

    assert_int_equal(result, RECOVERY_NOTHING_OPEN);
    assert_int_equal(payment.facts.refunded_minor, 1500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(money_that_went_back_for_no_listed_reason_is_left_to_a_human),
        TEST(money_that_went_back_by_a_listed_refund_is_no_question),
        TEST(a_payment_without_a_known_page_is_asked_for_by_our_id),
        TEST(a_lost_checkout_is_looked_for_and_not_sent_again),
        TEST(a_checkout_that_never_arrived_is_sent_again_after_the_look),
        TEST(a_look_that_fails_sends_nothing),
        TEST(a_reference_that_exists_tells_nothing_but_to_look_again),
        TEST(out_of_time_it_is_not_sent_any_more_and_the_order_is_free),
        TEST(the_clients_repeat_looks_first_too),
        TEST(the_clients_repeat_waits_when_the_look_tells_nothing),
        TEST(a_lost_refund_is_found_in_the_list_and_not_sent_again),
        TEST(a_refund_that_never_arrived_is_sent_again_after_a_minute),
        TEST(a_list_that_does_not_come_to_its_end_sends_nothing),
        TEST(a_refund_of_yesterday_is_given_up_and_not_sent),
        TEST(the_clients_repeat_leaves_it_to_recovery),
        TEST(a_refund_that_nobody_sent_goes_out_after_a_look),
        TEST(a_crash_at_any_step_is_one_refund),
        TEST(ours_is_found_on_the_last_page),
        TEST(every_page_is_adopted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
