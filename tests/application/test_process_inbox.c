/*
 * process_inbox: what could not be applied when it came is applied later, or is dead with an alert.
 */
#include "given.h"

#include <stdio.h>
#include <string.h>

#include "application/commands.h"
#include "application/inbox/process_inbox.h"

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
    struct due_event due[JOBS_BATCH_MAX];
    int count;

    assert_null(store_inbox_due(a_job(), false, JOBS_BATCH_MAX, due, &count));
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
    assert_int_equal(the_event()->status, INBOX_PROCESSED);
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
        assert_int_equal(the_event()->status, INBOX_RECEIVED);
        assert_string_equal(the_event()->reason, "no payment of ours is named");
        delay_ms = the_event()->next_at_ms - before_ms;
        assert_in_range(delay_ms, 1, inbox_delay_max_ms(attempt));
        given_time_passes(inbox_delay_max_ms(attempt) / 1000 + 1);
    }
    assert_int_equal(the_event()->status, INBOX_DEAD);
    given_time_passes(7 * 86400);
    assert_false(try_due());
}

/* --- Replay -------------------------------------------------------------------------------- */

static void given_a_dead_event(void)
{
    given_a_paid_order();
    given_the_webhook(event_of_nobody(), WEBHOOK_STORED);
    for (int attempt = 1; attempt <= WEBHOOK_ATTEMPTS_MAX; attempt++) {
        assert_true(try_due());
        given_time_passes(inbox_delay_max_ms(attempt) / 1000 + 1);
    }
    assert_int_equal(the_event()->status, INBOX_DEAD);
    assert_int_equal(the_event()->noted_tries, 1 + WEBHOOK_ATTEMPTS_MAX);
    assert_int_equal(the_event()->noted_outcome, INBOX_DEAD);
}

static void a_replay_applies_what_was_dead_when_its_cause_is_gone(void **state)
{
    struct provider_event event;
    (void) state;

    given_a_dead_event();
    event = captured_event("evt_1", last_payment());
    fake_provider_sends(&event);
    assert_null(replay_webhook(given_a_request_of_an_admin(), the_event()->id.text, &outcome));

    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_int_equal(the_event()->status, INBOX_PROCESSED);
    assert_int_equal(the_event()->noted_outcome, INBOX_PROCESSED);
    assert_string_equal(the_event()->noted_actor, "root");
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    fake_store_check_invariants(the_store);
}

static void a_replay_that_does_not_help_has_all_its_tries_again(void **state)
{
    (void) state;

    given_a_dead_event();
    assert_null(replay_webhook(given_a_request_of_an_admin(), the_event()->id.text, &outcome));

    assert_int_equal(outcome, WEBHOOK_STORED);
    assert_int_equal(the_event()->status, INBOX_RECEIVED);
    assert_int_equal(the_event()->attempts, WEBHOOK_ATTEMPTS_MAX + 1);
    assert_in_range(the_event()->next_at_ms - a_job()->now_ms, 1, inbox_delay_max_ms(1));
    for (int attempt = 2; attempt <= WEBHOOK_ATTEMPTS_MAX; attempt++) {
        given_time_passes(inbox_delay_max_ms(attempt) / 1000 + 1);
        assert_true(try_due());
    }
    assert_int_equal(the_event()->status, INBOX_DEAD);
}

static void a_replay_of_what_was_applied_changes_nothing(void **state)
{
    int movements;
    (void) state;

    given_a_paid_order();
    given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
    movements = fake_store_tables(the_store)->ledger_count;
    assert_null(replay_webhook(given_a_request_of_an_admin(), the_event()->id.text, &outcome));

    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_int_equal(fake_store_tables(the_store)->ledger_count, movements);
}

static void a_dry_run_shows_and_changes_nothing(void **state)
{
    struct webhook_trial trial;
    struct provider_event event;
    int audited;
    (void) state;

    given_a_dead_event();
    audited = fake_store_tables(the_store)->audit_count;
    event = captured_event("evt_1", last_payment());
    fake_provider_sends(&event);
    assert_null(try_webhook(given_a_request_of_an_admin(), the_event()->id.text, &trial));

    assert_int_equal(trial.outcome, WEBHOOK_APPLIED);
    assert_int_equal(trial.before.status, PAYMENT_PROCESSING);
    assert_int_equal(trial.effect.payment.status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_int_equal(the_event()->status, INBOX_DEAD);
    assert_int_equal(fake_store_tables(the_store)->audit_count, audited);
    assert_false(fake_store_in_transaction(the_store));
}

static void a_dry_run_of_what_would_wait_says_why(void **state)
{
    struct webhook_trial trial;
    (void) state;

    given_a_dead_event();
    assert_null(try_webhook(given_a_request_of_an_admin(), the_event()->id.text, &trial));
    assert_int_equal(trial.outcome, WEBHOOK_STORED);
    assert_false(trial.payment_found);
    assert_string_equal(trial.reason, "no payment of ours is named");
}

static void an_event_that_is_not_there_cannot_be_replayed(void **state)
{
    static const char *const ids[] = { "whe_01ARZ3NDEKTSV4RRFFQ69G5FAV", "evt_1", "" };
    struct webhook_trial trial;
    (void) state;

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        assert_int_equal(replay_webhook(given_a_request_of_an_admin(), ids[i], &outcome)->type,
                         PROBLEM_NOT_FOUND);
        assert_int_equal(try_webhook(given_a_request_of_an_admin(), ids[i], &trial)->type,
                         PROBLEM_NOT_FOUND);
    }
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
    event = refund_event("evt_1", last_payment(), "", "re_1", 1000, REFUND_SUCCEEDED);
    given_the_webhook(event, WEBHOOK_STORED);
    fake_provider_object(0)->state = FAKE_PAID;
    assert_true(try_due());

    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->status, PAYMENT_PARTIALLY_REFUNDED);
    assert_int_equal(last_payment()->facts.refunded_minor, 1000);
}

/* What was made after another one had failed, and is told of before that: its list has the newest first. */
static void a_refund_that_exceeds_what_is_left_is_asked_for(void **state)
{
    struct provider_event lost, kept, failed;
    (void) state;

    given_a_paid_order();
    fake_provider_object(0)->state = FAKE_PAID;
    given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
    lost = refund_event("evt_2", last_payment(), "", "re_1", 9000, REFUND_SUCCEEDED);
    failed = refund_event("evt_4", last_payment(), "", "re_1", 9000, REFUND_FAILED);
    kept = refund_event("evt_3", last_payment(), "", "re_2", 2000, REFUND_SUCCEEDED);
    fake_provider_lists((struct provider_refund[]) { kept.refund, failed.refund }, 2);
    given_the_webhook(lost, WEBHOOK_APPLIED);
    given_the_webhook(kept, WEBHOOK_STORED);
    assert_true(try_due());

    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_string_equal(last_payment()->review_reason,
                        "A refund failed: the payer does not have the money.");
    assert_int_equal(last_payment()->facts.refunded_minor, 2000);
    given_the_webhook(failed, WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->facts.refunded_minor, 2000);
}

static void a_refund_that_exceeds_what_is_left_after_asking_is_for_a_human(void **state)
{
    struct provider_event lost, kept;
    (void) state;

    given_a_paid_order();
    fake_provider_object(0)->state = FAKE_PAID;
    given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
    lost = refund_event("evt_2", last_payment(), "", "re_1", 9000, REFUND_SUCCEEDED);
    kept = refund_event("evt_3", last_payment(), "", "re_2", 2000, REFUND_SUCCEEDED);
    fake_provider_lists((struct provider_refund[]) { lost.refund }, 1);
    given_the_webhook(lost, WEBHOOK_APPLIED);
    given_the_webhook(kept, WEBHOOK_STORED);
    assert_true(try_due());

    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_true(last_payment()->needs_review);
    assert_int_equal(last_payment()->facts.refunded_minor, 9000);
}

/* --- What the provider's reads do not confirm yet ------------------------------------------- */

static void given_the_hint_that_the_payer_has_paid(void)
{
    struct provider_event event = event_of("evt_1", last_payment());

    event.kind = PROVIDER_EVENT_LATER;
    event.says_paid = true;
    given_the_webhook(event, WEBHOOK_STORED);
}

static void assert_it_waits_for_the_money(void)
{
    assert_int_equal(the_event()->status, INBOX_RECEIVED);
    assert_string_equal(the_event()->reason,
                        "the provider does not yet confirm the money that the event reports");
    assert_int_equal(last_payment()->facts.captured_minor, 0);
}

static void money_that_is_not_confirmed_yet_is_asked_for_until_it_is(void **state)
{
    (void) state;
    given_a_paid_order();
    given_the_hint_that_the_payer_has_paid();
    fake_provider_object(0)->state = FAKE_UNDER_WAY;
    assert_true(try_due());
    assert_it_waits_for_the_money();

    fake_provider_object(0)->state = FAKE_PAID;
    given_time_passes(inbox_delay_max_ms(1) / 1000 + 1);
    assert_true(try_due());
    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_int_equal(the_event()->status, INBOX_PROCESSED);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
}

static void money_for_a_page_that_we_closed_is_asked_for_until_it_is_confirmed(void **state)
{
    (void) state;
    given_a_paid_order();
    given_the_webhook(closed_event("evt_0", last_payment(), PAYMENT_CLOSED_CANCELLED), WEBHOOK_APPLIED);
    fake_store_tables(the_store)->webhook_count = 0;
    given_the_hint_that_the_payer_has_paid();
    fake_provider_object(0)->state = FAKE_UNDER_WAY;
    assert_true(try_due());
    assert_it_waits_for_the_money();

    fake_provider_object(0)->state = FAKE_PAID;
    given_time_passes(inbox_delay_max_ms(1) / 1000 + 1);
    assert_true(try_due());
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
}

static void money_that_is_never_confirmed_ends_with_an_alert(void **state)
{
    (void) state;
    given_a_paid_order();
    given_the_hint_that_the_payer_has_paid();
    fake_provider_object(0)->state = FAKE_UNDER_WAY;
    for (int attempt = 1; attempt <= WEBHOOK_ATTEMPTS_MAX; attempt++) {
        assert_true(try_due());
        given_time_passes(inbox_delay_max_ms(attempt) / 1000 + 1);
    }
    assert_int_equal(the_event()->status, INBOX_DEAD);
}

static void money_that_is_booked_is_not_asked_for_again(void **state)
{
    struct provider_event event;
    int calls;
    (void) state;

    given_a_paid_order();
    given_the_webhook(captured_event("evt_0", last_payment()), WEBHOOK_APPLIED);
    calls = fake_provider_call_count();
    event = event_of("evt_1", last_payment());
    event.kind = PROVIDER_EVENT_LATER;
    event.says_paid = true;
    given_the_webhook(event, WEBHOOK_APPLIED);
    assert_int_equal(fake_provider_call_count(), calls);
}

/* --- A second page with one payment's id ------------------------------------------------------ */

static struct provider_event event_of_a_second_page(void)
{
    struct provider_event event = event_of("evt_9", last_payment());

    event.kind = PROVIDER_EVENT_LATER;
    event.says_paid = true;
    snprintf(event.payment.ref, sizeof(event.payment.ref), "another-reference");
    event.payment.intent[0] = '\0';
    return event;
}

static void deliver_from_paystack(struct provider_event event, enum webhook_outcome expected)
{
    struct ctx *ctx = given_a_request_of("paystack");
    struct receive_webhook command = { .provider = "paystack", .signature_header = fake_good_signature,
                                       .raw_body = bytes_of(event.id) };

    ctx->actor.role = ROLE_NONE;
    fake_provider_sends(&event);
    assert_null(receive_webhook(ctx, &command, &outcome));
    assert_int_equal(outcome, expected);
}

static void given_a_page_at_paystack(void)
{
    struct checkout_order command = { .order_id = { "abc-123" }, .currency = "", .provider = "paystack",
                                      .return_url = "", .cancel_url = "", .customer_email = "" };
    struct answer answer;

    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    assert_null(checkout_order(given_a_request_of("alice"), &command, &answer));
}

static void a_second_page_with_one_payment_id_is_left_to_a_human(void **state)
{
    (void) state;
    given_a_page_at_paystack();
    deliver_from_paystack(event_of_a_second_page(), WEBHOOK_APPLIED);

    assert_int_equal(the_event()->status, INBOX_PROCESSED);
    assert_true(last_payment()->needs_review);
    assert_non_null(strstr(last_payment()->review_reason, "second page"));
    assert_int_equal(last_payment()->facts.captured_minor, 0);
    assert_string_not_equal(last_payment()->provider_ref, "another-reference");
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);
    fake_store_check_invariants(the_store);
}

static void a_second_page_without_our_proof_is_nothing_to_the_payment(void **state)
{
    struct provider_event event;
    (void) state;

    given_a_page_at_paystack();
    event = event_of_a_second_page();
    event.payment.proof[0] = '\0';
    deliver_from_paystack(event, WEBHOOK_STORED);
    assert_false(last_payment()->needs_review);
    assert_string_equal(the_event()->payment_id.text, "");
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

    assert_int_equal(the_event()->status, INBOX_RECEIVED);
    assert_true(strstr(the_event()->reason, "not configured") != NULL);
}

static void a_claim_that_was_taken_over_applies_nothing(void **state)
{
    struct due_event due[JOBS_BATCH_MAX];
    struct provider_event event;
    int count;
    (void) state;

    given_a_paid_order();
    event = captured_event("evt_1", last_payment());
    fake_store_fail(the_store, 1, FAULT_REFUSED);
    given_the_webhook(event, WEBHOOK_STORED);
    fake_store_forget_faults(the_store);
    assert_null(store_inbox_due(a_job(), false, JOBS_BATCH_MAX, due, &count));
    the_event()->attempts++;

    assert_non_null(process_inbox(a_job(), &due[0], &outcome));
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_int_equal(the_event()->status, INBOX_RECEIVED);
}

static bool try_until(int nth)
{
    struct due_event due[JOBS_BATCH_MAX];
    struct ctx *ctx = a_job();
    bool survived;
    int count;

    assert_null(store_inbox_due(ctx, false, JOBS_BATCH_MAX, due, &count));
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
        given_time_passes(INBOX_LEASE_S + 1);
        (void) try_due();
        assert_int_equal(the_event()->status, INBOX_PROCESSED);
        assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
        assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_left_open_wakes_the_job_and_nothing_else_does),
        TEST(an_event_whose_payment_was_locked_is_applied_by_the_job),
        TEST(an_event_about_nobody_is_put_off_with_growing_jittered_delays_and_dies),
        TEST(a_replay_applies_what_was_dead_when_its_cause_is_gone),
        TEST(a_replay_that_does_not_help_has_all_its_tries_again),
        TEST(a_replay_of_what_was_applied_changes_nothing),
        TEST(a_dry_run_shows_and_changes_nothing),
        TEST(a_dry_run_of_what_would_wait_says_why),
        TEST(an_event_that_is_not_there_cannot_be_replayed),
        TEST(the_tries_take_about_a_day),
        TEST(a_refund_before_its_charge_is_applied_after_asking),
        TEST(a_refund_that_exceeds_what_is_left_is_asked_for),
        TEST(a_refund_that_exceeds_what_is_left_after_asking_is_for_a_human),
        TEST(money_that_is_not_confirmed_yet_is_asked_for_until_it_is),
        TEST(money_for_a_page_that_we_closed_is_asked_for_until_it_is_confirmed),
        TEST(money_that_is_booked_is_not_asked_for_again),
        TEST(money_that_is_never_confirmed_ends_with_an_alert),
        TEST(a_second_page_with_one_payment_id_is_left_to_a_human),
        TEST(a_second_page_without_our_proof_is_nothing_to_the_payment),
        TEST(an_event_that_cannot_be_read_is_put_off),
        TEST(an_event_of_a_provider_that_is_not_configured_is_put_off),
        TEST(a_claim_that_was_taken_over_applies_nothing),
        TEST(a_crash_at_any_step_applies_the_event_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
