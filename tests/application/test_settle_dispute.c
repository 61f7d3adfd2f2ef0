/* settle_dispute, by way of the webhook: the one way a dispute changes. */
#include "given_dispute.h"

#include <stdio.h>
#include <string.h>

#include "application/recovery/recover_payment.h"

static int events(enum domain_event type)
{
    return fake_store_count_events(the_store, type);
}

static void assert_movement(int at, enum movement_kind kind, int64_t amount_minor,
                            const char *ref)
{
    assert_true(at < rows()->ledger_count);
    assert_int_equal(rows()->ledger[at].kind, kind);
    assert_int_equal(rows()->ledger[at].amount_minor, amount_minor);
    assert_string_equal(rows()->ledger[at].provider_ref, ref);
}

/* --- One dispute --------------------------------------------------------------------------- */

static void a_dispute_opens_takes_money_and_is_won(void **state)
{
    (void) state;

    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_OPEN, 0, 0), WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->dispute, DISPUTE_OPEN);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(rows()->ledger_count, 1);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_OPENED), 1);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_CLOSED), 0);

    given_the_dispute(a_dispute("dp_1", 2, DISPUTE_OPEN, 2500, 0), WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->disputed_minor, 2500);
    assert_movement(1, MOVEMENT_DISPUTE, -2500, "dp_1");

    given_the_dispute(a_dispute("dp_1", 3, DISPUTE_WON, 2500, 0), WEBHOOK_APPLIED);
    given_the_dispute(a_dispute("dp_1", 4, DISPUTE_WON, 2500, 2500), WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->dispute, DISPUTE_WON);
    assert_int_equal(last_payment()->disputed_minor, 0);
    assert_movement(2, MOVEMENT_DISPUTE_REVERSAL, 2500, "dp_1");
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_OPENED), 1);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_CLOSED), 1);
    assert_int_equal(fake_store_count_audits(the_store, "dispute.created"), 1);
    assert_int_equal(fake_store_count_audits(the_store, "dispute.status"), 1);
    assert_int_equal(fake_store_count_audits(the_store, "dispute.facts"), 2);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_false(last_payment()->needs_review);
}

/* Case B32: while the amount is assumed nothing is refunded; what was too much of it comes back. */
static void a_told_amount_corrects_an_assumed_one(void **state)
{
    struct provider_dispute assumed = a_dispute("dp_1", 1, DISPUTE_LOST, 9999, 0);
    (void) state;

    assumed.facts.amount_minor = 9999;
    assumed.facts.amount_assumed = true;
    given_the_dispute(assumed, WEBHOOK_APPLIED);
    assert_int_equal(refund_allowed(last_payment()), 0);

    given_the_dispute(a_dispute("dp_1", 2, DISPUTE_LOST, 2500, 0), WEBHOOK_APPLIED);
    assert_int_equal(last_dispute()->facts.amount_minor, 2500);
    assert_int_equal(last_payment()->disputed_minor, 2500);
    assert_int_equal(refund_allowed(last_payment()), 9999 - 2500);
    assert_movement(1, MOVEMENT_DISPUTE, -9999, "dp_1");
    assert_movement(2, MOVEMENT_DISPUTE_REVERSAL, 9999 - 2500, "dp_1");

    assumed.facts.at_ms += 2000;
    given_the_dispute(assumed, WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->disputed_minor, 2500);
    assert_int_equal(rows()->ledger_count, 3);
}

/* opened, withdrawn, won, reinstated: each order, each of them twice. */
static void every_order_of_arrival_ends_in_the_same_books(void **state)
{
    int sequences = 0;
    (void) state;

    for (int first = 0; first < 4; first++)
        for (int second = 0; second < 4; second++)
            for (int third = 0; third < 4; third++) {
                int order[4] = { first, second, third, 6 - first - second - third };

                if (first == second || second == third || first == third)
                    continue;
                given_a_paid_payment();
                for (int i = 0; i < 8; i++) {
                    struct provider_dispute all[] = {
                        a_dispute("dp_1", 1, DISPUTE_OPEN, 0, 0),
                        a_dispute("dp_1", 2, DISPUTE_OPEN, 2500, 0),
                        a_dispute("dp_1", 3, DISPUTE_WON, 2500, 0),
                        a_dispute("dp_1", 3, DISPUTE_WON, 2500, 2500),
                    };

                    given_the_dispute(all[order[i % 4]], WEBHOOK_APPLIED);
                }
                assert_int_equal(rows()->dispute_count, 1);
                assert_int_equal(last_payment()->dispute, DISPUTE_WON);
                assert_int_equal(rows()->ledger_count, 3);
                assert_int_equal(events(DOMAIN_EVENT_DISPUTE_OPENED), 1);
                assert_int_equal(events(DOMAIN_EVENT_DISPUTE_CLOSED), 1);
                assert_int_equal(fake_store_refusal_count(the_store), 0);
                fake_store_check_invariants(the_store);
                sequences++;
            }
    assert_int_equal(sequences, 24);
}

static void a_dispute_met_at_its_end_is_announced_as_opened_and_closed(void **state)
{
    (void) state;

    given_the_dispute(a_dispute("dp_1", 3, DISPUTE_LOST, 2500, 0), WEBHOOK_APPLIED);

    assert_int_equal(last_payment()->dispute, DISPUTE_LOST);
    assert_int_equal(last_payment()->disputed_minor, 2500);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_OPENED), 1);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_CLOSED), 1);
}

static void an_inquiry_that_is_closed_leaves_nothing_behind(void **state)
{
    (void) state;

    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_OPEN, 0, 0), WEBHOOK_APPLIED);
    given_the_dispute(a_dispute("dp_1", 2, DISPUTE_CLOSED, 0, 0), WEBHOOK_APPLIED);

    assert_int_equal(last_payment()->dispute, DISPUTE_NONE);
    assert_int_equal(rows()->ledger_count, 1);
    assert_int_equal(last_dispute()->facts.fact.status, DISPUTE_CLOSED);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_CLOSED), 1);
    assert_int_equal(refund_answer(0, "k1").http_status, 201);
}

static void an_appeal_opens_what_was_won_and_takes_its_money_again(void **state)
{
    (void) state;

    given_the_dispute(a_dispute("dp_1", 3, DISPUTE_WON, 2500, 2500), WEBHOOK_APPLIED);
    given_the_dispute(a_dispute("dp_1", 4, DISPUTE_OPEN, 5000, 2500), WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->dispute, DISPUTE_OPEN);
    assert_movement(3, MOVEMENT_DISPUTE, -2500, "dp_1:5000");
    given_the_dispute(a_dispute("dp_1", 5, DISPUTE_LOST, 5000, 2500), WEBHOOK_APPLIED);

    assert_int_equal(last_payment()->dispute, DISPUTE_LOST);
    assert_int_equal(last_payment()->disputed_minor, 2500);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_OPENED), 2);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_CLOSED), 2);
}

static void the_same_word_again_changes_nothing(void **state)
{
    int audits;
    (void) state;

    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_OPEN, 2500, 0), WEBHOOK_APPLIED);
    audits = rows()->audit_count;
    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_OPEN, 2500, 0), WEBHOOK_APPLIED);
    given_the_dispute(a_dispute("dp_1", 9, DISPUTE_OPEN, 2500, 0), WEBHOOK_APPLIED);

    assert_int_equal(rows()->audit_count, audits);
    assert_int_equal(rows()->ledger_count, 2);
    assert_int_equal(last_dispute()->facts.at_ms, NOW_MS + 9000);
}

/* --- Several ------------------------------------------------------------------------------- */

static void two_disputes_of_a_payment_are_told_apart(void **state)
{
    (void) state;

    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_OPEN, 2500, 0), WEBHOOK_APPLIED);
    given_the_dispute(a_dispute("dp_2", 1, DISPUTE_OPEN, 1000, 0), WEBHOOK_APPLIED);
    given_the_dispute(a_dispute("dp_1", 2, DISPUTE_LOST, 2500, 0), WEBHOOK_APPLIED);
    assert_int_equal(rows()->dispute_count, 2);
    assert_int_equal(last_payment()->dispute, DISPUTE_OPEN);
    given_the_dispute(a_dispute("dp_2", 2, DISPUTE_WON, 1000, 1000), WEBHOOK_APPLIED);

    assert_int_equal(last_payment()->dispute, DISPUTE_LOST);
    assert_int_equal(last_payment()->disputed_minor, 2500);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_OPENED), 2);
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_CLOSED), 2);
}

/* --- What must be asked first -------------------------------------------------------------- */

static void a_dispute_before_its_charge_waits_and_asks(void **state)
{
    struct provider_dispute dispute;
    (void) state;

    given_an_unpaid_payment();
    dispute = a_dispute("dp_1", 1, DISPUTE_OPEN, 2500, 0);
    given_the_dispute(dispute, WEBHOOK_STORED);
    assert_int_equal(rows()->dispute_count, 0);

    fake_provider_object(0)->state = FAKE_PAID;
    assert_true(given_the_job_ran());
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->dispute, DISPUTE_OPEN);
    assert_int_equal(rows()->webhooks[0].status, INBOX_PROCESSED);
}

/* Whatever the events say and in whichever order, the provider's own word decides. */
static void of_two_contradictory_ends_the_provider_says_which(void **state)
{
    static const enum dispute_status ends[] = { DISPUTE_WON, DISPUTE_LOST };
    (void) state;

    for (int first = 0; first < 2; first++)
        for (int truth = 0; truth < 2; truth++)
            for (int at_s = 2; at_s <= 3; at_s++) {
                struct provider_dispute real;

                given_a_paid_payment();
                real = a_dispute("dp_1", 0, ends[truth], 2500, 0);
                fake_provider_lists_disputes(&real, 1);
                given_the_dispute(a_dispute("dp_1", 2, ends[first], 2500, 0), WEBHOOK_APPLIED);
                given_time_passes(10);
                given_the_dispute(a_dispute("dp_1", at_s, ends[!first], 2500, 0), WEBHOOK_STORED);
                assert_int_equal(last_payment()->dispute, ends[first]);
                assert_int_equal(fake_provider_dispute_lists(), 0);

                assert_true(given_the_job_ran());
                assert_int_equal(fake_provider_dispute_lists(), 1);
                assert_int_equal(last_payment()->dispute, ends[truth]);
                assert_int_equal(rows()->webhooks[2].status, INBOX_PROCESSED);
                assert_false(given_the_job_ran());
                fake_store_check_invariants(the_store);
            }
}

/* The provider's clock is ahead of ours: its answer seems older than its event, so it is asked again. */
static void a_contradiction_of_the_future_waits_until_our_clock_is_there(void **state)
{
    struct provider_dispute real;
    (void) state;

    real = a_dispute("dp_1", 0, DISPUTE_LOST, 2500, 0);
    fake_provider_lists_disputes(&real, 1);
    fake_provider_object(0)->state = FAKE_PAID;
    given_the_dispute(a_dispute("dp_1", 30, DISPUTE_WON, 2500, 0), WEBHOOK_APPLIED);
    given_the_dispute(a_dispute("dp_1", 30, DISPUTE_LOST, 2500, 0), WEBHOOK_STORED);
    assert_true(given_the_job_ran());
    assert_int_equal(last_payment()->dispute, DISPUTE_WON);
    assert_int_equal(rows()->webhooks[2].status, INBOX_RECEIVED);

    given_time_passes(120);
    assert_true(given_the_job_ran());
    assert_int_equal(last_payment()->dispute, DISPUTE_LOST);
    assert_int_equal(rows()->webhooks[2].status, INBOX_PROCESSED);
}

static void a_contradiction_waits_while_the_provider_does_not_answer(void **state)
{
    (void) state;

    given_the_dispute(a_dispute("dp_1", 2, DISPUTE_WON, 2500, 0), WEBHOOK_APPLIED);
    given_the_dispute(a_dispute("dp_1", 2, DISPUTE_LOST, 2500, 0), WEBHOOK_STORED);
    fake_provider_lists_no_disputes_now(true);
    fake_provider_object(0)->state = FAKE_PAID;
    assert_true(given_the_job_ran());

    assert_int_equal(last_payment()->dispute, DISPUTE_WON);
    assert_int_equal(rows()->webhooks[2].status, INBOX_RECEIVED);
}

/* --- What was missed ----------------------------------------------------------------------- */

static enum recovery_result sync_now(void)
{
    enum recovery_result result;
    struct payment payment;

    assert_null(recover_payment(given_a_request_of_an_admin(), last_payment()->id, NULL, &payment,
                                &result));
    assert_int_equal(payment.dispute, last_payment()->dispute);
    return result;
}

static void a_sync_heals_what_no_event_told(void **state)
{
    struct provider_dispute real[2];
    (void) state;

    real[0] = a_dispute("dp_1", 0, DISPUTE_LOST, 2500, 0);
    real[1] = a_dispute("dp_2", 0, DISPUTE_OPEN, 0, 0);
    fake_provider_object(0)->state = FAKE_PAID;
    fake_provider_lists_disputes(real, 2);

    assert_int_equal(sync_now(), RECOVERY_NOTHING_OPEN);
    assert_int_equal(rows()->dispute_count, 2);
    assert_int_equal(last_payment()->dispute, DISPUTE_OPEN);
    assert_movement(1, MOVEMENT_DISPUTE, -2500, "dp_1");
    assert_int_equal(events(DOMAIN_EVENT_DISPUTE_OPENED), 2);
    assert_int_equal(sync_now(), RECOVERY_NOTHING_OPEN);
    assert_int_equal(rows()->ledger_count, 2);
}

static void a_sync_without_an_answer_on_disputes_knows_nothing(void **state)
{
    (void) state;

    fake_provider_object(0)->state = FAKE_PAID;
    fake_provider_lists_no_disputes_now(true);
    assert_int_equal(sync_now(), RECOVERY_STILL_UNKNOWN);
    assert_int_equal(last_payment()->dispute, DISPUTE_NONE);
}

/* --- What is not to be believed ------------------------------------------------------------ */

static void another_currency_opens_the_dispute_and_books_nothing(void **state)
{
    struct provider_dispute foreign = a_dispute("dp_1", 1, DISPUTE_OPEN, 2500, 0);
    (void) state;

    memcpy(foreign.currency, "EUR", 4);
    given_the_dispute(foreign, WEBHOOK_APPLIED);
    foreign.facts.at_ms++;
    given_the_dispute(foreign, WEBHOOK_APPLIED);

    assert_int_equal(last_payment()->dispute, DISPUTE_OPEN);
    assert_int_equal(rows()->ledger_count, 1);
    assert_true(last_payment()->needs_review);
    assert_int_equal(events(DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);
}

/* --- Refunds ------------------------------------------------------------------------------- */

static void assert_refund(int64_t amount_minor, const char *key, int http_status, const char *part)
{
    struct answer answer = refund_answer(amount_minor, key);

    assert_int_equal(answer.http_status, http_status);
    assert_body_has(&answer, part);
    fake_store_check_invariants(the_store);
}

static void nothing_is_refunded_while_a_dispute_is_open(void **state)
{
    (void) state;

    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_OPEN, 0, 0), WEBHOOK_APPLIED);
    assert_refund(100, "k1", 409, "problem invalid-payment-state: ");
    assert_refund(0, "k2", 409, "open dispute");
    assert_int_equal(rows()->refund_count, 0);
    assert_int_equal(fake_provider_refunded_minor(), 0);

    given_the_dispute(a_dispute("dp_1", 2, DISPUTE_WON, 0, 0), WEBHOOK_APPLIED);
    assert_refund(0, "k3", 201, "succeeded");
}

static void what_a_lost_dispute_took_is_not_given_back_once_more(void **state)
{
    (void) state;

    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_LOST, 2500, 0), WEBHOOK_APPLIED);
    assert_refund(7500, "k1", 422, "74.99");
    assert_refund(0, "k2", 201, "7499");
    assert_refund(0, "k3", 409, "A dispute took");

    given_a_paid_payment();
    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_LOST, 9999, 0), WEBHOOK_APPLIED);
    assert_refund(0, "k4", 409, "A dispute took");
}

static void a_refund_noted_before_the_dispute_is_finished_with_its_key(void **state)
{
    (void) state;

    fake_provider_will(FAKE_HANGS);
    assert_refund(100, "k1", 202, "pending");
    given_the_dispute(a_dispute("dp_1", 1, DISPUTE_OPEN, 0, 0), WEBHOOK_APPLIED);
    given_time_passes(60);
    assert_refund(100, "k1", 201, "succeeded");
    assert_refund(100, "k2", 409, "open dispute");
}

static void a_refund_that_a_dispute_forbids_tells_us_of_the_dispute(void **state)
{
    struct provider_dispute real = a_dispute("dp_1", 0, DISPUTE_OPEN, 2500, 0);
    (void) state;

    fake_provider_lists_disputes(&real, 1);
    fake_provider_will(FAKE_SAYS_NOTHING_IS_LEFT);      /* 400 charge_disputed reads the same */
    assert_int_equal(refund_answer(100, "k1").http_status, 409);
    assert_int_equal(last_payment()->dispute, DISPUTE_OPEN);
    assert_refund(100, "k2", 409, "open dispute");
}

/* A dispute opens before the money that came twice goes back: the provider says no, once. */
static void a_disputed_surplus_is_refused_once_and_left_to_a_human(void **state)
{
    enum recovery_result result;
    struct payment first, payment;
    int calls;
    (void) state;

    given_an_unpaid_payment();
    first = *last_payment();
    given_the_webhook(closed_event("evt_1", &first, PAYMENT_CLOSED_EXPIRED), WEBHOOK_APPLIED);
    checkout_answer("alice", "abc-123", NULL);
    given_the_webhook(captured_event("evt_2", last_payment()), WEBHOOK_APPLIED);
    given_the_webhook(captured_event("evt_3", &first), WEBHOOK_APPLIED);
    fake_provider_will(FAKE_SAYS_NOTHING_IS_LEFT);      /* 400 charge_disputed reads the same */
    assert_null(recover_payment(given_a_request_of("jobs"), first.id, NULL, &payment, &result));
    assert_int_equal(last_refund()->status, REFUND_FAILED);
    calls = rows()->call_count;

    fake_provider_object(0)->state = FAKE_PAID;
    assert_null(recover_payment(given_a_request_of("jobs"), first.id, NULL, &payment, &result));
    given_the_webhook(captured_event("evt_4", &first), WEBHOOK_APPLIED);
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(rows()->call_count, calls);
    assert_true(rows()->payments[0].needs_review);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_a_paid_payment, tear_down_checked)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dispute_opens_takes_money_and_is_won),
        TEST(a_told_amount_corrects_an_assumed_one),
        TEST(every_order_of_arrival_ends_in_the_same_books),
        TEST(a_dispute_met_at_its_end_is_announced_as_opened_and_closed),
        TEST(an_inquiry_that_is_closed_leaves_nothing_behind),
        TEST(an_appeal_opens_what_was_won_and_takes_its_money_again),
        TEST(the_same_word_again_changes_nothing),
        TEST(two_disputes_of_a_payment_are_told_apart),
        TEST(a_dispute_before_its_charge_waits_and_asks),
        TEST(of_two_contradictory_ends_the_provider_says_which),
        TEST(a_contradiction_of_the_future_waits_until_our_clock_is_there),
        TEST(a_contradiction_waits_while_the_provider_does_not_answer),
        TEST(a_sync_heals_what_no_event_told),
        TEST(a_sync_without_an_answer_on_disputes_knows_nothing),
        TEST(another_currency_opens_the_dispute_and_books_nothing),
        TEST(nothing_is_refunded_while_a_dispute_is_open),
        TEST(what_a_lost_dispute_took_is_not_given_back_once_more),
        TEST(a_refund_noted_before_the_dispute_is_finished_with_its_key),
        TEST(a_refund_that_a_dispute_forbids_tells_us_of_the_dispute),
        TEST(a_disputed_surplus_is_refused_once_and_left_to_a_human),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
