/*
 * A provider whose requests carry no key: what became of a request is looked up before the same
 * request goes out again, and a refund goes out again only when no sending of it took effect. So there is
 * one page and one refund, whatever was lost.
 */
#include "given_refund.h"

#include <stdio.h>
#include <string.h>

#include "application/recovery/recover_payment.h"

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

static void given_a_paid_payment_there(void)
{
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_PAID;
    recover();
    snprintf(last_payment()->provider_intent, PROVIDER_REF_MAX, "302961");
}

static void given_a_refund(enum fake_reaction reaction)
{
    given_a_paid_payment_there();
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
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);
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

/* Carried out late, it would be a second one. */
static void a_refund_that_may_have_arrived_is_never_sent_again(void **state)
{
    static const enum fake_reaction unknown[] = { FAKE_HANGS, FAKE_FAILS };
    (void) state;

    for (size_t i = 0; i < 2; i++) {
        given_a_refund(unknown[i]);
        for (int hours = 0; hours < 23; hours++) {
            given_time_passes(3600);
            recover();
            assert_int_equal(result, RECOVERY_LOOKED);
        }
        assert_int_equal(requests_of_refund(), 1);
        assert_int_equal(last_refund()->status, REFUND_PENDING);
        assert_false(payment.needs_review);
    }
}

static void carried_out_late_it_is_found(void **state)
{
    struct provider_refund late;
    (void) state;

    given_a_refund(FAKE_HANGS);
    given_time_passes(90);
    recover();
    late = refund_event("", last_payment(), last_refund()->id.text, "re_late", 1000, REFUND_SUCCEEDED).refund;
    snprintf(late.intent, sizeof(late.intent), "%s", last_payment()->provider_intent);
    fake_provider_lists(&late, 1);
    given_time_passes(60);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_int_equal(last_refund()->status, REFUND_SUCCEEDED);
    assert_int_equal(requests_of_refund(), 1);
}

static void what_a_day_does_not_show_a_human_decides(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    given_time_passes(RECOVERY_PATIENCE_S);
    recover();

    assert_true(payment.needs_review);
    assert_non_null(strstr(payment.review_reason, "not carried out"));
    assert_int_equal(last_refund()->status, REFUND_PENDING);
    assert_int_equal(last_payment()->refund_held_minor, 1000);
    assert_int_equal(requests_of_refund(), 1);
}

/* Listed without our mark: of this amount, and made since. */
static void what_may_be_ours_a_human_decides_at_once(void **state)
{
    struct provider_refund listed[2];
    (void) state;

    for (int count = 1; count <= 2; count++) {
        given_a_refund(FAKE_HANGS);
        for (int i = 0; i < 2; i++) {
            listed[i] = refund_event("", last_payment(), "", i == 0 ? "re_a" : "re_b", 1000,
                                     REFUND_SUCCEEDED).refund;
            listed[i].created_s = NOW_MS / 1000 - 119;
            snprintf(listed[i].intent, sizeof(listed[i].intent), "%s", last_payment()->provider_intent);
        }
        fake_provider_lists(listed, count);
        given_time_passes(60);
        recover();
        assert_int_equal(result, RECOVERY_LOOKED);
        assert_true(payment.needs_review);
        assert_non_null(strstr(payment.review_reason, count == 1 ? "re_a" : "2 refunds"));
        assert_int_equal(rows()->refunds[0].status, REFUND_PENDING);
        assert_int_equal(rows()->refund_count, 1 + count);
        assert_int_equal(payment.facts.refunded_minor, 1000 * count);   /* the provider's books are ours */
    }
}

static void what_cannot_be_ours_is_no_question(void **state)
{
    struct provider_refund others[4];
    (void) state;

    given_a_refund(FAKE_HANGS);
    for (int i = 0; i < 4; i++) {
        others[i] = refund_event("", last_payment(), "", "re_x", 1000, REFUND_SUCCEEDED).refund;
        others[i].created_s = NOW_MS / 1000;
        snprintf(others[i].ref, sizeof(others[i].ref), "re_%d", i);
        snprintf(others[i].intent, sizeof(others[i].intent), "%s", last_payment()->provider_intent);
    }
    others[0].created_s -= 121;                                     /* older than our try */
    others[1].amount_minor = 999;
    others[2].status = REFUND_FAILED;
    snprintf(others[3].refund_id.text, sizeof(others[3].refund_id.text), "ref_0000000000000000000000000X");
    fake_provider_lists(others, 4);
    given_time_passes(60);
    recover();
    assert_int_equal(result, RECOVERY_LOOKED);
    assert_string_equal(payment.review_reason,          /* of the failed one; nothing is asked of the lost one */
                        "A refund failed: the payer does not have the money.");
}

static void refused_for_a_day_it_has_failed(void **state)
{
    (void) state;
    given_a_refund(FAKE_IS_BUSY);
    given_time_passes(60);
    fake_provider_will(FAKE_REFUSES_OUR_KEY);
    recover();
    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(requests_of_refund(), 2);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    recover();

    assert_int_equal(last_refund()->status, REFUND_FAILED);
    assert_int_equal(last_payment()->refund_held_minor, 0);
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
    assert_int_equal(fake_provider_list_count(), 3);    /* after a charge was learned, and before each */
}

static bool recover_until(int nth)
{
    struct ctx *ctx = a_job();
    bool survived = SURVIVES(nth, recover_payment(ctx, last_payment()->id, NULL, &payment, &result));

    fake_store_reconnect(the_store);
    return survived;
}

/* As before any sending: never sent, or what was sent is known. */
static bool is_certain(void)
{
    return last_refund()->status != REFUND_PENDING;
}

static void a_crash_at_any_step_is_one_refund_or_a_question(void **state)
{
    static const enum fake_reaction first[] = { FAKE_LOSES_ITS_ANSWER, FAKE_HANGS, FAKE_IS_BUSY };
    int questions = 0;
    (void) state;

    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        bool ended = false;

        for (int nth = 1; !ended; nth++) {
            given_a_refund(first[i]);
            given_time_passes(60);
            ended = recover_until(nth);
            given_time_passes(LEASE_S + 60);
            recover();
            if (is_certain()) {
                assert_refunded_once();
                continue;
            }
            assert_true(rows()->calls[1].maybe_executed);
            assert_int_equal(fake_provider_refunded_minor(), 0);
            given_time_passes(RECOVERY_PATIENCE_S);
            recover();
            assert_true(payment.needs_review);
            questions++;
        }
    }
    assert_true(questions > 0);
}

static bool refund_until(int nth)
{
    struct refund_payment command = refund_command(1000, a_refund_key("k1", "f1000"));
    struct answer answer;
    bool survived = SURVIVES(nth, refund_payment(given_a_request_of_an_admin(), &command, &answer));

    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_before_it_is_sent_leaves_it_to_be_sent(void **state)
{
    bool ended = false;
    int sent_by_recovery = 0;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        given_a_paid_payment_there();
        ended = refund_until(nth);
        if (rows()->refund_count == 0)
            continue;
        given_time_passes(LEASE_S + 60);
        recover();
        if (!is_certain()) {
            assert_true(rows()->calls[1].maybe_executed);
            continue;
        }
        assert_refunded_once();
        sent_by_recovery += rows()->calls[1].attempts == 2;
    }
    assert_true(sent_by_recovery >= 2);
}

static int requests_so_far(void)
{
    return fake_provider_key_count() > 1 ? requests_of_refund() : 0;
}

static void a_crash_over_the_call_leaves_it_to_be_looked_for(void **state)
{
    bool ended = false;
    int crashes = 0;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        given_a_paid_payment_there();
        fake_provider_will(FAKE_HANGS);
        ended = refund_until(nth);
        if (requests_so_far() == 0)
            continue;
        given_time_passes(LEASE_S + 60);
        recover();
        assert_int_equal(requests_of_refund(), 1);
        assert_int_equal(result, RECOVERY_LOOKED);
        crashes += !ended;
    }
    assert_true(crashes > 0);
}

/* --- Rows that were lost ------------------------------------------------------------------- */

static void a_key_whose_refund_was_lost_finds_it_at_the_provider(void **state)
{
    struct refund_id id;
    (void) state;

    given_a_refund(FAKE_ANSWERS);
    id = last_refund()->id;
    rows()->refund_count = rows()->key_count = 0;
    rows()->call_count = rows()->ledger_count = 1;
    last_payment()->facts.refunded_minor = last_payment()->refund_held_minor = 0;
    last_payment()->status = PAYMENT_COMPLETED;

    assert_int_equal(refund_answer(1000, "k1").http_status, 201);
    assert_string_equal(last_refund()->id.text, id.text);
    assert_refunded_once();
    assert_int_equal(requests_of_refund(), 1);
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
        TEST(a_refund_that_may_have_arrived_is_never_sent_again),
        TEST(carried_out_late_it_is_found),
        TEST(what_a_day_does_not_show_a_human_decides),
        TEST(what_may_be_ours_a_human_decides_at_once),
        TEST(what_cannot_be_ours_is_no_question),
        TEST(refused_for_a_day_it_has_failed),
        TEST(a_list_that_does_not_come_to_its_end_sends_nothing),
        TEST(the_clients_repeat_leaves_it_to_recovery),
        TEST(a_refund_that_nobody_sent_goes_out_after_a_look),
        TEST(a_crash_at_any_step_is_one_refund_or_a_question),
        TEST(a_crash_before_it_is_sent_leaves_it_to_be_sent),
        TEST(a_crash_over_the_call_leaves_it_to_be_looked_for),
        TEST(a_key_whose_refund_was_lost_finds_it_at_the_provider),
        TEST(ours_is_found_on_the_last_page),
        TEST(every_page_is_adopted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
