/* receive_webhook: verified, stored once, applied when possible, never dropped. */
#include "given.h"

#include <stdio.h>
#include <string.h>

static struct fake_tables *rows(void)
{
    return fake_store_tables(the_store);
}

static struct fake_webhook *stored(int at)
{
    assert_in_range(at, 0, rows()->webhook_count - 1);
    return &rows()->webhooks[at];
}

static int set_up_a_payment(void **state)
{
    set_up_world(state);
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    checkout_answer("alice", "abc-123", NULL);
    return 0;
}

static int tear_down_checked(void **state)
{
    fake_store_check_invariants(the_store);
    return tear_down_world(state);
}

static void an_event_is_stored_and_applied_in_one_transaction(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    int before = fake_store_begin_count(the_store);
    (void) state;

    given_the_webhook(event, WEBHOOK_APPLIED);

    assert_int_equal(fake_store_begin_count(the_store) - before, 1);
    assert_int_equal(stored(0)->status, INBOX_PROCESSED);
    assert_string_equal(stored(0)->payment_id.text, last_payment()->id.text);
    assert_string_equal(stored(0)->body, "evt_1");
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(fake_provider_call_count(), 1);    /* the checkout's: a webhook never calls */
}

static void a_wrong_signature_is_refused_before_anything_is_read(void **state)
{
    struct receive_webhook command = { "stripe", "forged", { "", 0 }, 0 };
    enum webhook_outcome outcome;
    (void) state;

    assert_int_equal(receive_webhook(given_a_request_of("stripe"), &command, &outcome)->type,
                     PROBLEM_WEBHOOK_SIGNATURE_INVALID);        /* not malformed-request */
    assert_int_equal(rows()->webhook_count, 0);
}

static void what_is_no_event_is_malformed(void **state)
{
    struct receive_webhook command = { "stripe", fake_good_signature, { "", 0 }, 0 };
    enum webhook_outcome outcome;
    (void) state;

    assert_int_equal(receive_webhook(given_a_request_of("stripe"), &command, &outcome)->type,
                     PROBLEM_MALFORMED_REQUEST);
    assert_int_equal(rows()->webhook_count, 0);
}

static void a_provider_that_is_not_configured_has_no_webhooks(void **state)
{
    struct receive_webhook command = { "piggybank", fake_good_signature, { "x", 1 }, 0 };
    enum webhook_outcome outcome;
    (void) state;

    assert_int_equal(receive_webhook(given_a_request_of("stripe"), &command, &outcome)->type,
                     PROBLEM_NOT_FOUND);
}

static void a_duplicate_is_accepted_and_changes_nothing(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    struct fake_tables *before = arena_alloc(the_arena, sizeof(*before));
    (void) state;

    given_the_webhook(event, WEBHOOK_APPLIED);
    *before = *rows();
    given_time_passes(5);
    given_the_webhook(event, WEBHOOK_DUPLICATE);

    assert_memory_equal(before, rows(), sizeof(*before));
}

static void the_same_fact_in_another_event_is_processed_without_a_second_effect(void **state)
{
    (void) state;

    given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
    given_the_webhook(captured_event("evt_2", last_payment()), WEBHOOK_APPLIED);

    assert_int_equal(rows()->ledger_count, 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
    assert_int_equal(stored(1)->status, INBOX_PROCESSED);
}

static void a_type_that_tells_us_nothing_is_kept_as_ignored(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    (void) state;

    event.kind = PROVIDER_EVENT_UNUSED;
    given_the_webhook(event, WEBHOOK_NOT_FOR_US);

    assert_int_equal(stored(0)->status, INBOX_IGNORED);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
}

static void a_type_for_later_stays_received(void **state)
{
    struct provider_event event = event_of("evt_1", last_payment());
    (void) state;

    event.kind = PROVIDER_EVENT_LATER;
    given_the_webhook(event, WEBHOOK_STORED);

    assert_int_equal(stored(0)->status, INBOX_RECEIVED);
}

static void an_event_of_the_other_mode_never_completes_a_payment(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    (void) state;

    event.livemode = !fake_stripe.livemode;
    given_the_webhook(event, WEBHOOK_NOT_FOR_US);

    assert_int_equal(stored(0)->status, INBOX_IGNORED);
    assert_string_equal(stored(0)->reason, "live and test mode differ");
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
}

static void an_event_without_a_payment_stays_received(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    (void) state;

    snprintf(event.payment.payment_id.text, ID_TEXT_MAX, "pay_nobody");
    given_the_webhook(event, WEBHOOK_STORED);

    assert_int_equal(stored(0)->status, INBOX_RECEIVED);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
}

static void an_event_that_names_only_the_page_finds_its_payment(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    (void) state;

    event.payment.payment_id.text[0] = '\0';
    snprintf(event.payment.ref, PROVIDER_REF_MAX, "cs_1");
    given_the_webhook(event, WEBHOOK_APPLIED);

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
}

/* Its own page is still open there: somebody must look before this money completes anything. */
static void an_event_of_another_provider_is_not_applied(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    struct receive_webhook command = { "paystack", fake_good_signature, { "x", 1 }, 0 };
    enum webhook_outcome outcome;
    (void) state;

    fake_provider_sends(&event);
    assert_null(receive_webhook(given_a_request_of("paystack"), &command, &outcome));

    assert_int_equal(outcome, WEBHOOK_STORED);
    assert_int_equal(stored(0)->status, INBOX_RECEIVED);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
}

/* --- Trouble ------------------------------------------------------------------------------- */

static void an_event_that_cannot_be_applied_is_stored_all_the_same(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    (void) state;

    fake_store_fail(the_store, 2, FAULT_REFUSED);       /* the COMMIT with the payment in it */
    given_the_webhook(event, WEBHOOK_STORED);

    assert_int_equal(stored(0)->status, INBOX_RECEIVED);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    given_the_webhook(event, WEBHOOK_DUPLICATE);
}

static void an_event_that_finds_no_peace_is_stored_all_the_same(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    (void) state;

    for (int nth = 1; nth <= 4; nth++)
        fake_store_fail(the_store, nth, FAULT_SERIALIZATION);
    given_the_webhook(event, WEBHOOK_STORED);

    assert_int_equal(stored(0)->status, INBOX_RECEIVED);
}

static void without_a_database_an_event_is_not_accepted(void **state)
{
    struct provider_event event = captured_event("evt_1", last_payment());
    enum webhook_outcome outcome;
    (void) state;

    fake_store_is_down(the_store, true);
    assert_int_equal(deliver(&event, &outcome)->type, PROBLEM_DATABASE_UNAVAILABLE);
    fake_store_is_down(the_store, false);

    given_the_webhook(event, WEBHOOK_APPLIED);          /* they send it again */
}

static void a_lost_round_trip_loses_no_event(void **state)
{
    static const enum fake_fault faults[] = { FAULT_CONNECTION_LOST_BEFORE,
                                              FAULT_CONNECTION_LOST_AFTER, FAULT_SERIALIZATION };
    (void) state;

    for (size_t f = 0; f < 3; f++)
        for (int nth = 1; nth <= 2; nth++) {
            struct provider_event event;
            enum webhook_outcome outcome;

            set_up_a_payment(NULL);
            event = captured_event("evt_1", last_payment());
            fake_store_fail(the_store, nth, faults[f]);
            assert_null(deliver(&event, &outcome));

            assert_int_equal(rows()->webhook_count, 1);
            assert_int_equal(stored(0)->status, INBOX_PROCESSED);
            assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
            fake_store_check_invariants(the_store);
        }
}

static void a_crash_at_any_step_and_their_repeat_apply_it_once(void **state)
{
    bool ended = false;
    (void) state;

    for (volatile int nth = 1; !ended; nth++) {
        struct provider_event event;
        enum webhook_outcome outcome;

        set_up_a_payment(NULL);
        event = captured_event("evt_1", last_payment());
        ended = SURVIVES(nth, deliver(&event, &outcome));
        fake_store_reconnect(the_store);
        event = captured_event("evt_1", last_payment());
        assert_null(deliver(&event, &outcome));

        assert_int_equal(rows()->webhook_count, 1);
        assert_int_equal(stored(0)->status, INBOX_PROCESSED);
        assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
        fake_store_check_invariants(the_store);
    }
}

/* --- Order of arrival ---------------------------------------------------------------------- */

enum news { NEWS_PROCESSING, NEWS_FAILED, NEWS_SUCCEEDED, NEWS_EXPIRED, NEWS_COUNT };

static struct provider_event event_of_news(int news)
{
    static const char *const ids[] = { "evt_processing", "evt_failed", "evt_succeeded",
                                       "evt_expired" };

    switch ((enum news) news) {
    case NEWS_PROCESSING:
        return progress_event(ids[news], last_payment(), PROGRESS_PROCESSING, NOW_MS / 1000 + 1);
    case NEWS_FAILED:
        return progress_event(ids[news], last_payment(), PROGRESS_FAILED, NOW_MS / 1000 + 2);
    case NEWS_SUCCEEDED:
        return captured_event(ids[news], last_payment());
    case NEWS_EXPIRED:
        return closed_event(ids[news], last_payment(), PAYMENT_CLOSED_EXPIRED);
    case NEWS_COUNT:
        break;
    }
    fail();
    return (struct provider_event) { .id = "" };
}

/* The news at the places of one permutation; a bit of the mask leaves one of them out. */
static void deliver_permutation(int permutation, int mask)
{
    int left[NEWS_COUNT] = { 0, 1, 2, 3 };
    int count = NEWS_COUNT;

    for (; count > 0; count--) {
        int at = permutation % count;
        int news = left[at];

        permutation /= count;
        left[at] = left[count - 1];
        if ((mask & (1 << news)) != 0) {
            given_the_webhook(event_of_news(news), WEBHOOK_APPLIED);
            given_the_webhook(event_of_news(news), WEBHOOK_DUPLICATE);
        }
    }
}

static void every_order_of_arrival_ends_the_same(void **state)
{
    (void) state;

    for (int mask = 1; mask < 1 << NEWS_COUNT; mask++) {
        struct payment first = { .surplus = false };

        for (int permutation = 0; permutation < 24; permutation++) {
            const struct payment *last;

            set_up_a_payment(NULL);
            deliver_permutation(permutation, mask);
            last = last_payment();
            if (permutation == 0)
                first = *last;
            assert_true(payment_facts_equal(&first.facts, &last->facts));
            assert_int_equal(first.status, last->status);
            assert_string_equal(first.checkout_url, last->checkout_url);
            assert_int_equal(first.needs_review, last->needs_review);
            if ((mask & (1 << NEWS_SUCCEEDED)) != 0)
                assert_int_equal(last->status, PAYMENT_COMPLETED);
            fake_store_check_invariants(the_store);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_a_payment, tear_down_checked)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_stored_and_applied_in_one_transaction),
        TEST(a_wrong_signature_is_refused_before_anything_is_read),
        TEST(what_is_no_event_is_malformed),
        TEST(a_provider_that_is_not_configured_has_no_webhooks),
        TEST(a_duplicate_is_accepted_and_changes_nothing),
        TEST(the_same_fact_in_another_event_is_processed_without_a_second_effect),
        TEST(a_type_that_tells_us_nothing_is_kept_as_ignored),
        TEST(a_type_for_later_stays_received),
        TEST(an_event_of_the_other_mode_never_completes_a_payment),
        TEST(an_event_without_a_payment_stays_received),
        TEST(an_event_that_names_only_the_page_finds_its_payment),
        TEST(an_event_of_another_provider_is_not_applied),
        TEST(an_event_that_cannot_be_applied_is_stored_all_the_same),
        TEST(an_event_that_finds_no_peace_is_stored_all_the_same),
        TEST(without_a_database_an_event_is_not_accepted),
        TEST(a_lost_round_trip_loses_no_event),
        TEST(a_crash_at_any_step_and_their_repeat_apply_it_once),
        TEST(every_order_of_arrival_ends_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
