/*
 * recover_payment on refunds: money goes back once, and whether it did is asked until it is known.
 */
#include "given_refund.h"

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

static void given_a_refund(enum fake_reaction reaction)
{
    given_a_paid_payment();
    fake_provider_will(reaction);
    (void) refund_answer(1000, "k1");
}

/* What the provider's list says of it. */
static struct provider_refund listed(void)
{
    struct provider_refund refund = { .refund_id = last_refund()->id, .ref = "re_9",
                                      .amount_minor = 1000, .currency = "USD",
                                      .status = REFUND_SUCCEEDED };

    memcpy(refund.intent, last_payment()->provider_intent, sizeof(refund.intent));
    return refund;
}

static void assert_refunded_once(void)
{
    assert_int_equal(last_refund()->status, REFUND_SUCCEEDED);
    assert_int_equal(last_payment()->facts.refunded_minor, 1000);
    assert_int_equal(fake_provider_refunded_minor(), 1000);
}

static void a_lost_answer_is_learned_with_the_same_request_and_key(void **state)
{
    static const enum fake_reaction first[] = { FAKE_LOSES_ITS_ANSWER, FAKE_HANGS };
    (void) state;

    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        given_a_refund(first[i]);
        assert_int_equal(last_refund()->status, REFUND_PENDING);
        given_time_passes(5);
        recover();
        assert_int_equal(result, RECOVERY_SETTLED);
        assert_refunded_once();
    }
}

static void a_refusal_gives_the_amount_free(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    assert_int_equal(last_payment()->refund_held_minor, 1000);
    given_time_passes(5);
    fake_provider_will(FAKE_REFUSES);
    recover();

    assert_int_equal(last_refund()->status, REFUND_FAILED);
    assert_int_equal(last_payment()->refund_held_minor, 0);
}

static void silence_keeps_the_amount_held(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    given_time_passes(5);
    fake_provider_will(FAKE_HANGS);
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(last_refund()->status, REFUND_PENDING);
    assert_int_equal(last_payment()->refund_held_minor, 1000);
}

static void a_key_of_23_hours_is_never_sent_again_but_looked_up(void **state)
{
    struct provider_refund ours;
    (void) state;

    given_a_refund(FAKE_LOSES_ITS_ANSWER);
    ours = listed();
    fake_provider_lists(&ours, 1);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_refunded_once();
    assert_string_equal(last_refund()->provider_ref, "re_9");
}

static void a_refund_that_is_not_in_the_list_was_never_made(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_int_equal(last_refund()->status, REFUND_FAILED);
    assert_string_equal(last_refund()->failure_reason, "provider_never_saw_it");
    assert_int_equal(last_payment()->refund_held_minor, 0);
}

static void a_replayed_500_is_looked_up_and_absence_needs_a_minute(void **state)
{
    (void) state;
    given_a_refund(FAKE_FAILS);
    given_time_passes(5);
    recover();
    given_time_passes(54);
    recover();
    assert_int_equal(last_refund()->status, REFUND_PENDING);
    given_time_passes(60);
    recover();

    assert_int_equal(last_refund()->status, REFUND_FAILED);
}

static void a_refund_answered_503_twice_is_sent_again_with_its_key(void **state)
{
    (void) state;
    given_a_refund(FAKE_IS_OVERLOADED);
    fake_provider_will(FAKE_IS_OVERLOADED);
    given_time_passes(60);
    recover();
    assert_int_equal(last_refund()->status, REFUND_PENDING);
    given_time_passes(60);
    recover();

    assert_int_equal(last_refund()->status, REFUND_SUCCEEDED);
}

static void a_list_that_does_not_come_proves_nothing(void **state)
{
    (void) state;
    given_a_refund(FAKE_HANGS);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    fake_provider_lists_nothing_now(true);
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(last_refund()->status, REFUND_PENDING);
}

static void two_refunds_of_one_payment_are_finished_in_one_run(void **state)
{
    (void) state;
    given_a_refund(FAKE_LOSES_ITS_ANSWER);
    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    (void) refund_answer(2000, "k2");
    given_time_passes(5);
    recover();

    assert_int_equal(last_payment()->facts.refunded_minor, 3000);
    assert_int_equal(fake_provider_refunded_minor(), 3000);
}

static void a_refund_made_elsewhere_is_adopted_by_looking(void **state)
{
    struct provider_refund theirs;
    (void) state;

    given_a_refund(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_PAID;
    theirs = listed();
    theirs.refund_id.text[0] = '\0';
    theirs.amount_minor = 500;
    fake_provider_lists(&theirs, 1);
    recover();

    assert_int_equal(result, RECOVERY_NOTHING_OPEN);
    assert_int_equal(payment.facts.refunded_minor, 1500);
}

static bool recover_until(int nth)
{
    struct ctx *ctx = a_job();
    bool survived = SURVIVES(nth, recover_payment(ctx, last_payment()->id, NULL, &payment, &result));

    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_at_any_step_is_recovered(void **state)
{
    bool ended = false;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        given_a_refund(FAKE_LOSES_ITS_ANSWER);
        given_time_passes(5);
        ended = recover_until(nth);
        given_time_passes(LEASE_S);
        recover();
        assert_refunded_once();
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_lost_answer_is_learned_with_the_same_request_and_key),
        TEST(a_refusal_gives_the_amount_free),
        TEST(silence_keeps_the_amount_held),
        TEST(a_key_of_23_hours_is_never_sent_again_but_looked_up),
        TEST(a_refund_that_is_not_in_the_list_was_never_made),
        TEST(a_replayed_500_is_looked_up_and_absence_needs_a_minute),
        TEST(a_refund_answered_503_twice_is_sent_again_with_its_key),
        TEST(a_list_that_does_not_come_proves_nothing),
        TEST(two_refunds_of_one_payment_are_finished_in_one_run),
        TEST(a_refund_made_elsewhere_is_adopted_by_looking),
        TEST(a_crash_at_any_step_is_recovered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
