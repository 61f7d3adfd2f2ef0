/*
 * process_inbox: what could not be applied when it came is applied later, or is dead with an alert.
 */
#include "given.h"

#include <string.h>

#include "application/process_inbox.h"

static enum webhook_outcome outcome;

static struct ctx *a_job(void)
{
    struct ctx *ctx = given_a_request_of("jobs");

    ctx->actor.role = ROLE_NONE;
    return ctx;
}

static struct fake_webhook *the_event(void)
{
    return &fake_store_tables(the_store)->webhooks[0];
}

/* Claims what is due, and has it tried. False: nothing was due. */
static bool try_due(void)
{
    struct due_webhook due[JOBS_BATCH_MAX];
    int count;

    assert_null(store_due_webhooks(a_job(), due, &count));
    for (int i = 0; i < count; i++)
        assert_null(process_inbox(a_job(), &due[i], &outcome));
    fake_store_check_invariants(the_store);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
    return count > 0;
}

static void given_a_paid_order(void)
{
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    checkout_answer("alice", "abc-123", NULL);
}

static struct provider_event event_of_nobody(void)
{
    struct provider_event event = captured_event("evt_1", last_payment());

    event.payment.payment_id.text[0] = '\0';
    return event;
}

static void what_is_left_open_wakes_the_job_and_nothing_else_does(void **state)
{
    (void) state;
    given_a_paid_order();
    given_the_webhook(progress_event("evt_1", last_payment(), PROGRESS_PROCESSING, NOW_MS / 1000),
                      WEBHOOK_APPLIED);
    assert_int_equal(fake_store_notify_count(the_store), 0);
    given_the_webhook(event_of_nobody(), WEBHOOK_DUPLICATE);
    assert_int_equal(fake_store_notify_count(the_store), 0);

    set_up_world(NULL);
    given_a_paid_order();
    given_the_webhook(event_of_nobody(), WEBHOOK_STORED);
    assert_int_equal(fake_store_notify_count(the_store), 1);
}

static void an_event_whose_payment_was_locked_is_applied_by_the_job(void **state)
{
    struct provider_event event;
    (void) state;

    given_a_paid_order();
    event = captured_event("evt_1", last_payment());
    fake_store_fail(the_store, 1, FAULT_REFUSED);
    given_the_webhook(event, WEBHOOK_STORED);
    fake_store_forget_faults(the_store);
    assert_true(try_due());

    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_int_equal(the_event()->status, WEBHOOK_PROCESSED);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_false(try_due());
}

static void an_event_about_nobody_is_put_off_with_growing_jittered_delays_and_dies(void **state)
{
    (void) state;
    given_a_paid_order();
    given_the_webhook(event_of_nobody(), WEBHOOK_STORED);
    for (int attempt = 1; attempt <= WEBHOOK_ATTEMPTS_MAX; attempt++) {
        int64_t before_ms = NOW_MS, delay_ms;

        assert_true(try_due());
        before_ms = a_job()->now_ms;
        assert_int_equal(the_event()->attempts, attempt);
        if (attempt == WEBHOOK_ATTEMPTS_MAX)
            break;
        assert_int_equal(the_event()->status, WEBHOOK_RECEIVED);
        assert_string_equal(the_event()->reason, "no payment of ours is named");
        delay_ms = the_event()->next_at_ms - before_ms;
        assert_in_range(delay_ms, 1, inbox_delay_max_ms(attempt));
        given_time_passes(inbox_delay_max_ms(attempt) / 1000 + 1);
    }
    assert_int_equal(the_event()->status, WEBHOOK_DEAD);
    given_time_passes(7 * 86400);
    assert_false(try_due());
}

static void the_tries_take_about_a_day(void **state)
{
    int64_t sum_ms = 0;
    (void) state;

    for (int attempt = 1; attempt < WEBHOOK_ATTEMPTS_MAX; attempt++) {
        sum_ms += inbox_delay_max_ms(attempt) / 2;              /* full jitter: half on average */
        if (attempt > 1)
            assert_true(inbox_delay_max_ms(attempt) > inbox_delay_max_ms(attempt - 1));
    }
    assert_in_range(sum_ms / 3600000, 20, 26);
}

/* A refund came before its charge: the provider's object tells of the charge. */
static void a_refund_before_its_charge_is_applied_after_asking(void **state)
{
    struct provider_event event;
    (void) state;

    given_a_paid_order();
    event = event_of("evt_1", last_payment());
    event.kind = PROVIDER_EVENT_REFUND;
    memcpy(event.payment.ref, last_payment()->provider_ref, sizeof(event.payment.ref));
    event.refund = (struct provider_refund) { .ref = "re_1", .amount_minor = 1000,
                                              .currency = "USD", .status = REFUND_SUCCEEDED };
    given_the_webhook(event, WEBHOOK_STORED);
    fake_provider_object(0)->state = FAKE_PAID;
    assert_true(try_due());

    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->status, PAYMENT_PARTIALLY_REFUNDED);
    assert_int_equal(last_payment()->facts.refunded_minor, 1000);
}

static void an_event_that_cannot_be_read_is_put_off(void **state)
{
    (void) state;
    given_a_paid_order();
    given_the_webhook(event_of_nobody(), WEBHOOK_STORED);
    the_event()->body[0] = '\0';
    assert_true(try_due());

    assert_int_equal(outcome, WEBHOOK_STORED);
    assert_string_equal(the_event()->reason, "This is no event.");
}

static void an_event_of_a_provider_that_is_not_configured_is_put_off(void **state)
{
    (void) state;
    given_a_paid_order();
    given_the_webhook(event_of_nobody(), WEBHOOK_STORED);
    strcpy(the_event()->provider, "adyen");
    assert_true(try_due());

    assert_int_equal(the_event()->status, WEBHOOK_RECEIVED);
    assert_true(strstr(the_event()->reason, "not configured") != NULL);
}

static void a_claim_that_was_taken_over_applies_nothing(void **state)
{
    struct due_webhook due[JOBS_BATCH_MAX];
    struct provider_event event;
    int count;
    (void) state;

    given_a_paid_order();
    event = captured_event("evt_1", last_payment());
    fake_store_fail(the_store, 1, FAULT_REFUSED);
    given_the_webhook(event, WEBHOOK_STORED);
    fake_store_forget_faults(the_store);
    assert_null(store_due_webhooks(a_job(), due, &count));
    the_event()->attempts++;

    assert_non_null(process_inbox(a_job(), &due[0], &outcome));
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_int_equal(the_event()->status, WEBHOOK_RECEIVED);
}

static bool try_until(int nth)
{
    struct due_webhook due[JOBS_BATCH_MAX];
    struct ctx *ctx = a_job();
    bool survived;
    int count;

    assert_null(store_due_webhooks(ctx, due, &count));
    survived = SURVIVES(nth, process_inbox(ctx, &due[0], &outcome));
    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_at_any_step_applies_the_event_once(void **state)
{
    bool ended = false;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        set_up_world(NULL);
        given_a_paid_order();
        fake_store_fail(the_store, 1, FAULT_REFUSED);
        given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_STORED);
        fake_store_forget_faults(the_store);
        ended = try_until(nth);
        given_time_passes(WEBHOOK_LEASE_S + 1);
        (void) try_due();
        assert_int_equal(the_event()->status, WEBHOOK_PROCESSED);
        assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
        assert_int_equal(fake_store_count_events(the_store, EVENT_PAYMENT_COMPLETED), 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_left_open_wakes_the_job_and_nothing_else_does),
        TEST(an_event_whose_payment_was_locked_is_applied_by_the_job),
        TEST(an_event_about_nobody_is_put_off_with_growing_jittered_delays_and_dies),
        TEST(the_tries_take_about_a_day),
        TEST(a_refund_before_its_charge_is_applied_after_asking),
        TEST(an_event_that_cannot_be_read_is_put_off),
        TEST(an_event_of_a_provider_that_is_not_configured_is_put_off),
        TEST(a_claim_that_was_taken_over_applies_nothing),
        TEST(a_crash_at_any_step_applies_the_event_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
