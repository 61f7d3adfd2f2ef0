/*
 * recover_payment and close_payment: whatever an earlier attempt left open, asked again until the
 * truth is known; and never a payment that is called failed because of a clock.
 */
#include "given.h"

#include <string.h>

#include "application/recovery/call_attempt.h"
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
    assert_memory_equal(payment.id.text, last_payment()->id.text, sizeof(payment.id.text));
    assert_int_equal(payment.status, last_payment()->status);
    fake_store_check_invariants(the_store);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
}

/* A checkout whose first call went like that. */
static void given_a_checkout(enum fake_reaction reaction)
{
    struct answer answer;

    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    fake_provider_will(reaction);
    (void) check_out(given_a_request_of("alice"), "abc-123", NULL, &answer);
}

static struct fake_call *the_call(int at)
{
    assert_in_range(at, 0, fake_store_tables(the_store)->call_count - 1);
    return &fake_store_tables(the_store)->calls[at];
}

static void assert_one_page(void)
{
    assert_int_equal(fake_provider_object_count(), 1);
    assert_int_equal(payment.status, PAYMENT_PROCESSING);
    assert_string_equal(payment.checkout_url, "https://pay.example/cs_1");
    assert_true(the_call(0)->finished);
}

/* --- Checkout calls ------------------------------------------------------------------------ */

static void a_lost_answer_is_learned_with_the_same_request_and_key(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    assert_int_equal(last_payment()->status, PAYMENT_PENDING);

    given_time_passes(5);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_one_page();
    assert_int_equal(fake_provider_object(0)->requests, 2);     /* same key, same bytes: the fake checks */
    assert_int_equal(the_call(0)->attempts, 2);
}

static void every_unfinished_first_answer_ends_in_one_page(void **state)
{
    static const enum fake_reaction first[] = {
        FAKE_LOSES_ITS_ANSWER, FAKE_HANGS, FAKE_IS_DOWN, FAKE_IS_BUSY, FAKE_REFUSES_OUR_KEY,
    };
    (void) state;

    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        set_up_world(NULL);
        given_a_checkout(first[i]);
        given_time_passes(15);
        recover();
        assert_int_equal(result, RECOVERY_SETTLED);
        assert_one_page();
    }
}

static void an_unknown_answer_stays_pending_and_is_asked_again_later_and_later(void **state)
{
    static const int64_t delays_s[] = { 5, 15, 60, 300, 900, 3600, 3600, 3600 };
    (void) state;

    given_a_checkout(FAKE_HANGS);
    for (size_t i = 0; i < sizeof(delays_s) / sizeof(delays_s[0]); i++) {
        struct payment_id due[JOBS_BATCH_MAX];
        int count;

        assert_int_equal(last_payment()->status, PAYMENT_PENDING);
        assert_int_equal(the_call(0)->next_at_ms - the_call(0)->lease_until_ms, delays_s[i] * 1000);
        given_time_passes(delays_s[i] - 1);
        assert_null(store_due_payments(a_job(), due, &count));
        assert_int_equal(count, 0);
        given_time_passes(1);
        assert_null(store_due_payments(a_job(), due, &count));
        assert_int_equal(count, 1);
        if (i + 1 == sizeof(delays_s) / sizeof(delays_s[0]))
            break;
        fake_provider_will(FAKE_HANGS);
        recover();
        assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    }
}

static const struct provider_call *a_call_of_age(int age_s, int attempts)
{
    struct provider_call *call = arena_alloc(a_job()->arena, sizeof(*call));

    *call = (struct provider_call) { .attempts = attempts,
                                     .started_at_ms = a_job()->now_ms - age_s * INT64_C(1000) };
    return call;
}

static void the_providers_retry_after_is_respected(void **state)
{
    const struct provider_reply reply = { .retry_after_s = 90 };
    (void) state;

    assert_int_equal(recovery_delay_ms(a_job(), a_call_of_age(0, 1), &reply), 90000);
    assert_int_equal(recovery_delay_ms(a_job(), a_call_of_age(80, 4), &reply), 300000);
}

static void a_client_that_repeats_does_not_put_recovery_off(void **state)
{
    const struct provider_reply reply = { .retry_after_s = 0 };
    (void) state;

    assert_int_equal(recovery_delay_ms(a_job(), a_call_of_age(1, 1), &reply), 5000);
    assert_int_equal(recovery_delay_ms(a_job(), a_call_of_age(1, 20), &reply), 15000);
    assert_int_equal(recovery_delay_ms(a_job(), a_call_of_age(19, 20), &reply), 15000);
    assert_int_equal(recovery_delay_ms(a_job(), a_call_of_age(20, 20), &reply), 60000);
    assert_int_equal(recovery_delay_ms(a_job(), a_call_of_age(1280, 3), &reply), 3600000);
    assert_int_equal(recovery_delay_ms(a_job(), a_call_of_age(86400, 1000), &reply), 3600000);
}

static void a_refusal_of_the_repeat_frees_the_order(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    given_time_passes(5);
    fake_provider_will(FAKE_REFUSES);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_int_equal(payment.status, PAYMENT_FAILED);
    assert_string_equal(payment.facts.snapshot.failure_code, "card_declined");
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
    assert_int_equal(payment_count(), 2);
}

static void a_refusal_proves_nothing_against_an_object_that_a_webhook_told_of(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    given_the_webhook(progress_event("evt_1", last_payment(), PROGRESS_REQUIRES_ACTION,
                                     NOW_MS / 1000), WEBHOOK_APPLIED);
    given_time_passes(5);
    fake_provider_will(FAKE_REFUSES);
    recover();

    assert_int_equal(payment.status, PAYMENT_REQUIRES_ACTION);
    assert_true(payment_is_open(&payment.facts));
}

static void money_that_is_there_already_completes_the_payment(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    fake_provider_object(0)->state = FAKE_PAID;
    given_time_passes(5);
    recover();

    assert_int_equal(payment.status, PAYMENT_COMPLETED);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
}

static void less_money_than_is_due_is_never_completed_but_reviewed(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    fake_provider_object(0)->state = FAKE_PAID;
    given_time_passes(5);
    fake_provider_will(FAKE_NAMES_ANOTHER_AMOUNT);
    recover();

    assert_true(payment.needs_review);
    assert_int_equal(payment.status, PAYMENT_PROCESSING);
    assert_true(payment_is_underpaid(&payment.facts, payment.amount.minor));
    assert_int_equal(the_order("abc-123")->status, ORDER_OPEN);
}

/* --- Look-ups ------------------------------------------------------------------------------ */

static void a_replayed_500_is_not_asked_for_again_but_looked_up(void **state)
{
    (void) state;
    given_a_checkout(FAKE_FAILS_AFTER_WORK);
    given_time_passes(5);
    recover();
    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(fake_provider_object(0)->requests, 2);

    given_time_passes(15);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_one_page();
    assert_int_equal(fake_provider_object(0)->requests, 2);
}

static void a_503_that_no_key_keeps_is_sent_again_until_it_passes(void **state)
{
    (void) state;
    given_a_checkout(FAKE_IS_OVERLOADED);
    for (int sent = 2; sent < 5; sent++) {
        fake_provider_will(FAKE_IS_OVERLOADED);
        given_time_passes(60);
        recover();
        assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
        assert_int_equal(fake_provider_object(0)->requests, sent);
    }
    given_time_passes(60);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_one_page();
    assert_int_equal(fake_provider_object(0)->requests, 5);
}

static void an_object_is_found_on_a_later_page_of_the_list(void **state)
{
    (void) state;
    fake_provider_has_others(5);
    given_a_checkout(FAKE_FAILS_AFTER_WORK);
    given_time_passes(5);
    recover();
    given_time_passes(15);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_one_page();
    assert_int_equal(fake_provider_call_count(), 2 + 3);
}

static void absence_is_proved_by_the_whole_list_a_minute_after_the_last_attempt(void **state)
{
    (void) state;
    fake_provider_has_others(3);
    given_a_checkout(FAKE_FAILS);
    given_time_passes(5);
    recover();                                  /* the 500 again: no new sending */
    given_time_passes(54);
    recover();
    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);           /* listed, but too early to prove */
    assert_int_equal(payment.status, PAYMENT_PENDING);
    assert_in_range(the_call(0)->next_at_ms - the_call(0)->lease_until_ms, 1000, 2000);  /* not in five minutes */

    given_time_passes(60);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_int_equal(payment.status, PAYMENT_FAILED);
    assert_string_equal(payment.facts.snapshot.failure_code, "provider_never_saw_it");
    assert_int_equal(fake_provider_object(0)->requests, 2);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
    assert_int_equal(fake_provider_object_count(), 1);
}

/* It was not carried out: the minute began with the sending that failed, and looking begins at once. */
static void a_stored_failure_is_no_new_sending(void **state)
{
    (void) state;
    given_a_checkout(FAKE_FAILS);
    given_time_passes(30);
    recover();
    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_in_range(the_call(0)->next_at_ms - the_call(0)->lease_until_ms, 1, 5000);

    given_time_passes(30);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_string_equal(payment.facts.snapshot.failure_code, "provider_never_saw_it");
    assert_int_equal(fake_provider_object(0)->requests, 2);
}

/* An open circuit refuses it, or nobody listens: the minute goes on. */
static void what_never_left_us_is_no_new_sending(void **state)
{
    (void) state;
    given_a_checkout(FAKE_FAILS);
    given_time_passes(30);
    fake_provider_will(FAKE_IS_DOWN);
    recover();
    given_time_passes(28);
    recover();
    given_time_passes(2);
    recover();

    assert_int_equal(result, RECOVERY_SETTLED);
    assert_string_equal(payment.facts.snapshot.failure_code, "provider_never_saw_it");
}

static void a_list_without_an_end_proves_nothing(void **state)
{
    (void) state;
    fake_provider_has_others(1000);
    given_a_checkout(FAKE_FAILS);
    given_time_passes(5);
    recover();
    given_time_passes(3600);
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(payment.status, PAYMENT_PENDING);
}

static void a_list_that_breaks_off_proves_nothing(void **state)
{
    (void) state;
    fake_provider_has_others(3);
    given_a_checkout(FAKE_FAILS);
    given_time_passes(5);
    recover();
    given_time_passes(3600);
    fake_provider_will(FAKE_ANSWERS);
    fake_provider_will(FAKE_HANGS);
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(payment.status, PAYMENT_PENDING);
}

static void a_key_of_23_hours_is_never_sent_again(void **state)
{
    static const struct { int64_t age_s; int requests; } cases[] = {
        { PROVIDER_KEY_RETRY_MAX_S - 1, 2 }, { PROVIDER_KEY_RETRY_MAX_S, 1 },
    };
    (void) state;

    for (size_t i = 0; i < 2; i++) {
        set_up_world(NULL);
        given_a_checkout(FAKE_LOSES_ITS_ANSWER);
        given_time_passes(cases[i].age_s);
        recover();
        assert_int_equal(result, RECOVERY_SETTLED);
        assert_int_equal(fake_provider_object(0)->requests, cases[i].requests);
        assert_int_equal(fake_provider_object_count(), 1);
    }
}

static void an_old_intent_that_never_arrived_fails_by_proof(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    recover();

    assert_int_equal(payment.status, PAYMENT_FAILED);
    assert_string_equal(payment.facts.snapshot.failure_code, "provider_never_saw_it");
}

static void an_old_intent_whose_object_is_known_is_retrieved(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    given_the_webhook(progress_event("evt_1", last_payment(), PROGRESS_PROCESSING, NOW_MS / 1000),
                      WEBHOOK_APPLIED);
    fake_provider_object(0)->state = FAKE_PAID;
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    recover();

    assert_int_equal(payment.status, PAYMENT_COMPLETED);
    assert_int_equal(fake_provider_object(0)->requests, 1);
}

static void a_known_object_that_is_not_found_is_no_proof(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    given_the_webhook(progress_event("evt_1", last_payment(), PROGRESS_PROCESSING, NOW_MS / 1000),
                      WEBHOOK_APPLIED);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    fake_provider_will(FAKE_REJECTS);
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_true(payment_is_open(&payment.facts));
}

/* --- Never in silence ---------------------------------------------------------------------- */

static void ask_in_vain(int64_t after_s)
{
    given_time_passes(after_s);
    fake_provider_will(FAKE_HANGS);
    recover();
    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
}

static void after_a_day_a_human_is_called_once_and_the_asking_goes_on(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    ask_in_vain(RECOVERY_PATIENCE_S - 1);
    assert_false(payment.needs_review);
    for (int i = 0; i < 3; i++) {
        ask_in_vain(31);
        assert_true(payment.needs_review);
        assert_int_equal(payment.status, PAYMENT_PENDING);
    }
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);
    given_time_passes(61);
    recover();
    assert_int_equal(result, RECOVERY_SETTLED);
    assert_int_equal(payment.status, PAYMENT_FAILED);
}

static void however_often_an_owner_asks_no_human_is_called(void **state)
{
    (void) state;
    given_a_checkout(FAKE_HANGS);
    for (int i = 0; i < 50; i++)
        ask_in_vain(5);
    assert_false(payment.needs_review);
}

static void the_clients_repeat_calls_the_human_too(void **state)
{
    (void) state;
    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    given_time_passes(RECOVERY_PATIENCE_S);
    fake_provider_will(FAKE_HANGS);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 202);
    assert_true(last_payment()->needs_review);
}

/* --- Looks --------------------------------------------------------------------------------- */

static int requests_of_checkout(void)
{
    return fake_provider_object(0)->requests;
}

static void looks_do_not_put_off_what_a_minute_proves(void **state)
{
    (void) state;
    given_a_checkout(FAKE_FAILS);
    given_time_passes(5);
    recover();                                  /* the 500 again: from now on looks */
    for (int passed_s = 25; passed_s < 60; passed_s += 25) {
        given_time_passes(25);
        recover();
        assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
        assert_int_equal(the_call(0)->looks, passed_s / 25);
    }
    given_time_passes(10);
    recover();
    assert_int_equal(result, RECOVERY_SETTLED);
    assert_int_equal(payment.status, PAYMENT_FAILED);
    assert_int_equal(requests_of_checkout(), 2);
}

static void a_client_that_repeats_learns_what_a_minute_proves(void **state)
{
    (void) state;
    given_a_checkout(FAKE_FAILS);
    for (int passed_s = 5; passed_s < 60; passed_s += 5) {
        given_time_passes(5);
        assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 202);
    }
    assert_int_equal(requests_of_checkout(), 2);
    given_time_passes(5);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
    assert_int_equal(payment_count(), 2);
}

static void many_looks_after_a_stored_500_ask_no_human(void **state)
{
    (void) state;
    given_a_checkout(FAKE_FAILS_AFTER_WORK);
    given_time_passes(5);
    recover();
    for (int i = 0; i < 40; i++) {
        given_time_passes(1);
        fake_provider_will(FAKE_HANGS);
        recover();
    }
    assert_false(payment.needs_review);
    assert_int_equal(requests_of_checkout(), 2);
}

static void a_crash_over_a_sending_counts_as_a_sending(void **state)
{
    struct ctx *ctx;
    bool survived;
    (void) state;

    given_a_checkout(FAKE_IS_DOWN);
    assert_false(the_call(0)->maybe_executed);
    given_time_passes(5);
    ctx = a_job();
    survived = SURVIVES(4, recover_payment(ctx, last_payment()->id, NULL, &payment, &result));
    fake_store_reconnect(the_store);
    assert_false(survived);
    assert_true(the_call(0)->maybe_executed);
    assert_int_equal(the_call(0)->sent_at_ms, the_call(0)->lease_until_ms);
}

/* --- Runners ------------------------------------------------------------------------------- */

static void somebody_elses_lease_is_left_alone(void **state)
{
    int calls;
    (void) state;

    given_a_checkout(FAKE_HANGS);
    given_time_passes(5);
    the_call(0)->lease_until_ms = NOW_MS + 6000;
    calls = fake_provider_call_count();
    recover();

    assert_int_equal(result, RECOVERY_BUSY);
    assert_int_equal(fake_provider_call_count(), calls);
    assert_int_equal(the_call(0)->attempts, 1);
}

/* The second runner takes over while the first one's call hangs; the first may not finish. */
static void take_over(void *unused)
{
    (void) unused;
    given_time_passes(LEASE_S);
    assert_null(recover_payment(a_job(), last_payment()->id, NULL, &payment, &result));
    assert_int_equal(result, RECOVERY_SETTLED);
}

static void a_runner_that_lost_its_lease_is_kept_out_by_the_fence(void **state)
{
    const struct problem *problem;
    (void) state;

    given_a_checkout(FAKE_HANGS);
    given_time_passes(5);
    fake_provider_during_call(take_over, NULL);
    fake_provider_will(FAKE_HANGS);
    problem = recover_payment(a_job(), last_payment()->id, NULL, &payment, &result);

    assert_non_null(problem);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_true(the_call(0)->finished);
    assert_int_equal(fake_provider_object_count(), 1);
    fake_store_check_invariants(the_store);
}

static bool recover_until(int nth)
{
    struct ctx *ctx = a_job();
    bool survived = SURVIVES(nth, recover_payment(ctx, last_payment()->id, NULL, &payment, &result));

    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_at_any_step_of_recovery_is_recovered(void **state)
{
    static const enum fake_reaction first[] = { FAKE_LOSES_ITS_ANSWER, FAKE_HANGS, FAKE_IS_DOWN,
                                                FAKE_FAILS_AFTER_WORK };
    int steps = 0;
    (void) state;

    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        bool ended = false;

        for (int nth = 1; !ended; nth++, steps++) {
            set_up_world(NULL);
            given_a_checkout(first[i]);
            given_time_passes(5);
            ended = recover_until(nth);
            for (int more = 0; more < 3; more++) {
                given_time_passes(LEASE_S);
                recover();
            }
            assert_one_page();
            assert_int_equal(payment_count(), 1);
        }
    }
    assert_true(steps >= 4 * 8);
}

static bool check_out_until(int nth)
{
    struct ctx *ctx = given_a_request_of("alice");
    struct answer answer;
    bool survived = SURVIVES(nth, check_out(ctx, "abc-123", NULL, &answer));

    fake_store_reconnect(the_store);
    return survived;
}

/* The worker dies between intent and call, or between call and outcome. */
static void a_crash_at_any_step_of_a_checkout_is_recovered(void **state)
{
    bool ended = false;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        set_up_world(NULL);
        given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
        ended = check_out_until(nth);
        if (payment_count() == 0)
            continue;
        given_time_passes(LEASE_S);
        recover();
        assert_one_page();
    }
}

static void lost_round_trips_of_recovery_end_right(void **state)
{
    static const enum fake_fault faults[] = { FAULT_CONNECTION_LOST_BEFORE,
                                              FAULT_CONNECTION_LOST_AFTER, FAULT_SERIALIZATION };
    (void) state;

    for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++)
        for (int nth = 1; nth <= 6; nth++) {
            set_up_world(NULL);
            given_a_checkout(FAKE_LOSES_ITS_ANSWER);
            given_time_passes(5);
            fake_store_fail(the_store, nth, faults[f]);
            assert_null(recover_payment(a_job(), last_payment()->id, NULL, &payment, &result));
            fake_store_forget_faults(the_store);
            given_time_passes(LEASE_S);
            recover();
            assert_one_page();
        }
}

/* --- Without an open call ------------------------------------------------------------------ */

static void a_webhook_that_was_lost_is_made_good_by_looking(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_PAID;
    recover();

    assert_int_equal(result, RECOVERY_NOTHING_OPEN);
    assert_int_equal(payment.status, PAYMENT_COMPLETED);
}

static void a_late_success_of_a_closed_payment_completes_it(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    given_the_webhook(closed_event("evt_1", last_payment(), PAYMENT_CLOSED_EXPIRED),
                      WEBHOOK_APPLIED);
    fake_provider_object(0)->state = FAKE_PAID;
    recover();

    assert_int_equal(payment.status, PAYMENT_COMPLETED);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
}

static void a_look_without_an_answer_changes_nothing(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_will(FAKE_HANGS);
    recover();

    assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
    assert_int_equal(payment.status, PAYMENT_PROCESSING);
}

static void somebody_elses_payment_is_not_there(void **state)
{
    struct payment_id none = { "pay_0" };
    (void) state;

    given_a_checkout(FAKE_LOSES_ITS_ANSWER);
    given_time_passes(5);
    assert_int_equal(recover_payment(a_job(), last_payment()->id, "bob", &payment, &result)->type,
                     PROBLEM_NOT_FOUND);
    assert_int_equal(recover_payment(a_job(), none, NULL, &payment, &result)->type,
                     PROBLEM_NOT_FOUND);
    assert_int_equal(fake_provider_call_count(), 1);
    assert_int_equal(the_call(0)->attempts, 1);
}

/* --- Expiry -------------------------------------------------------------------------------- */

static int due_count(void)
{
    struct payment_id due[JOBS_BATCH_MAX];
    int count;

    assert_null(store_due_payments(a_job(), due, &count));
    return count;
}

static void a_page_out_of_time_is_closed_and_the_order_free(void **state)
{
    static const enum fake_state pages[] = { FAKE_OPEN, FAKE_EXPIRED };
    (void) state;

    for (size_t i = 0; i < 2; i++) {
        set_up_world(NULL);
        given_a_checkout(FAKE_ANSWERS);
        fake_provider_object(0)->state = pages[i];
        given_time_passes(CHECKOUT_TTL_S + PAYMENT_EXPIRY_GRACE_S);
        assert_int_equal(due_count(), 0);
        given_time_passes(1);
        assert_int_equal(due_count(), 1);
        recover();

        assert_int_equal(result, RECOVERY_SETTLED);
        assert_int_equal(payment.status, PAYMENT_EXPIRED);
        assert_int_equal(fake_provider_open_count(), 0);
        assert_int_equal(due_count(), 0);
        assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
    }
}

static void a_page_out_of_time_that_was_paid_completes_the_payment(void **state)
{
    (void) state;
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_PAID;
    given_time_passes(CHECKOUT_TTL_S + PAYMENT_EXPIRY_GRACE_S + 1);
    recover();

    assert_int_equal(payment.status, PAYMENT_COMPLETED);
    assert_int_equal(due_count(), 0);
}

static void given_a_slow_bank(void)
{
    given_a_checkout(FAKE_ANSWERS);
    fake_provider_object(0)->state = FAKE_UNDER_WAY;
    given_time_passes(CHECKOUT_TTL_S + PAYMENT_EXPIRY_GRACE_S + 1);
    for (int days = 0; days < FAKE_PROCESSING_MAX_S / 86400; days++) {
        recover();
        assert_int_equal(result, RECOVERY_STILL_UNKNOWN);
        assert_int_equal(due_count(), 0);       /* its own schedule, no hot loop */
        given_time_passes(3600);
        assert_int_equal(due_count(), 1);
        assert_false(payment.needs_review);
        given_time_passes(86400 - 3600);
    }
    assert_int_equal(fake_store_tables(the_store)->call_count, 2);
}

static void a_slow_bank_is_awaited_without_alarm(void **state)
{
    (void) state;
    given_a_slow_bank();
    fake_provider_object(0)->state = FAKE_PAID;
    recover();
    assert_int_equal(payment.status, PAYMENT_COMPLETED);
    assert_false(payment.needs_review);
}

static void a_bank_that_takes_longer_than_any_is_a_question_for_a_human(void **state)
{
    (void) state;
    given_a_slow_bank();
    recover();
    assert_true(payment.needs_review);
    assert_non_null(strstr(payment.review_reason, "under way"));
    assert_int_equal(payment.status, PAYMENT_PROCESSING);
}

static void a_clock_that_is_late_keeps_nothing_open(void **state)
{
    struct ctx *ctx;
    (void) state;

    given_a_checkout(FAKE_ANSWERS);
    given_time_passes(CHECKOUT_TTL_S + PAYMENT_EXPIRY_GRACE_S + 1);
    assert_int_equal(due_count(), 1);
    ctx = a_job();
    ctx->now_ms -= 600000;
    assert_null(recover_payment(ctx, last_payment()->id, NULL, &payment, &result));
    assert_int_equal(due_count(), 0);
    assert_int_equal(payment.status, PAYMENT_EXPIRED);
}

static void a_crash_at_any_step_of_expiry_is_recovered(void **state)
{
    bool ended = false;
    (void) state;

    for (int nth = 1; !ended; nth++) {
        set_up_world(NULL);
        given_a_checkout(FAKE_ANSWERS);
        given_time_passes(CHECKOUT_TTL_S + PAYMENT_EXPIRY_GRACE_S + 1);
        ended = recover_until(nth);
        given_time_passes(LEASE_S);
        recover();
        assert_int_equal(payment.status, PAYMENT_EXPIRED);
        assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_EXPIRED), 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_lost_answer_is_learned_with_the_same_request_and_key),
        TEST(every_unfinished_first_answer_ends_in_one_page),
        TEST(an_unknown_answer_stays_pending_and_is_asked_again_later_and_later),
        TEST(the_providers_retry_after_is_respected),
        TEST(a_client_that_repeats_does_not_put_recovery_off),
        TEST(a_refusal_of_the_repeat_frees_the_order),
        TEST(a_refusal_proves_nothing_against_an_object_that_a_webhook_told_of),
        TEST(money_that_is_there_already_completes_the_payment),
        TEST(less_money_than_is_due_is_never_completed_but_reviewed),
        TEST(a_replayed_500_is_not_asked_for_again_but_looked_up),
        TEST(a_503_that_no_key_keeps_is_sent_again_until_it_passes),
        TEST(an_object_is_found_on_a_later_page_of_the_list),
        TEST(absence_is_proved_by_the_whole_list_a_minute_after_the_last_attempt),
        TEST(a_stored_failure_is_no_new_sending),
        TEST(what_never_left_us_is_no_new_sending),
        TEST(a_list_without_an_end_proves_nothing),
        TEST(a_list_that_breaks_off_proves_nothing),
        TEST(a_key_of_23_hours_is_never_sent_again),
        TEST(an_old_intent_that_never_arrived_fails_by_proof),
        TEST(an_old_intent_whose_object_is_known_is_retrieved),
        TEST(a_known_object_that_is_not_found_is_no_proof),
        TEST(after_a_day_a_human_is_called_once_and_the_asking_goes_on),
        TEST(however_often_an_owner_asks_no_human_is_called),
        TEST(the_clients_repeat_calls_the_human_too),
        TEST(looks_do_not_put_off_what_a_minute_proves),
        TEST(a_client_that_repeats_learns_what_a_minute_proves),
        TEST(many_looks_after_a_stored_500_ask_no_human),
        TEST(a_crash_over_a_sending_counts_as_a_sending),
        TEST(somebody_elses_lease_is_left_alone),
        TEST(a_runner_that_lost_its_lease_is_kept_out_by_the_fence),
        TEST(a_crash_at_any_step_of_recovery_is_recovered),
        TEST(a_crash_at_any_step_of_a_checkout_is_recovered),
        TEST(lost_round_trips_of_recovery_end_right),
        TEST(a_webhook_that_was_lost_is_made_good_by_looking),
        TEST(a_late_success_of_a_closed_payment_completes_it),
        TEST(a_look_without_an_answer_changes_nothing),
        TEST(somebody_elses_payment_is_not_there),
        TEST(a_page_out_of_time_is_closed_and_the_order_free),
        TEST(a_page_out_of_time_that_was_paid_completes_the_payment),
        TEST(a_slow_bank_is_awaited_without_alarm),
        TEST(a_bank_that_takes_longer_than_any_is_a_question_for_a_human),
        TEST(a_clock_that_is_late_keeps_nothing_open),
        TEST(a_crash_at_any_step_of_expiry_is_recovered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
