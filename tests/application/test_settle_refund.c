/* settle_refund, by way of the webhook: the one way a refund changes. */
#include "given_refund.h"

#include <stdio.h>
#include <string.h>

static struct provider_event told(const char *event_id, const char *ref, int64_t amount_minor,
                                  enum refund_status status)
{
    return refund_event(event_id, last_payment(), "", ref, amount_minor, status);
}

/* --- Adopting what was made elsewhere ------------------------------------------------------ */

static void a_refund_of_the_dashboard_is_adopted(void **state)
{
    (void) state;

    given_the_webhook(told("evt_1", "re_x", 2500, REFUND_SUCCEEDED), WEBHOOK_APPLIED);

    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(last_refund()->origin, REFUND_BY_PROVIDER);
    assert_string_equal(last_refund()->provider_ref, "re_x");
    assert_string_equal(last_refund()->client_key, "");
    assert_int_equal(last_payment()->status, PAYMENT_PARTIALLY_REFUNDED);
    assert_int_equal(rows()->ledger[1].amount_minor, -2500);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_CREATED), 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_SUCCEEDED), 1);
    assert_false(last_payment()->needs_review);
}

static void many_events_of_one_refund_are_one_refund(void **state)
{
    static const char *const events[] = { "evt_1", "evt_2", "evt_3" };
    (void) state;

    for (int i = 0; i < 3; i++)
        given_the_webhook(told(events[i], "re_x", 2500, REFUND_SUCCEEDED), WEBHOOK_APPLIED);

    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(rows()->ledger_count, 2);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_SUCCEEDED), 1);
}

/* Its mark is no id of a refund of this payment: copied from elsewhere, or of an earlier version. */
static void a_refund_with_a_foreign_mark_gets_an_id_of_its_own(void **state)
{
    static const char foreign[] = "ref_0000000000000000000000000X";
    struct provider_event event = told("evt_1", "re_x", 2500, REFUND_SUCCEEDED);
    (void) state;

    snprintf(event.refund.refund_id.text, sizeof(event.refund.refund_id.text), "%s", foreign);
    given_the_webhook(event, WEBHOOK_APPLIED);
    assert_string_not_equal(last_refund()->id.text, foreign);
    assert_int_equal(last_refund()->origin, REFUND_BY_PROVIDER);
    assert_int_equal(last_payment()->facts.refunded_minor, 2500);
}

static void refunds_of_one_event_are_each_adopted(void **state)
{
    struct provider_event event = told("evt_1", "re_x", 2500, REFUND_SUCCEEDED);
    struct provider_refund more[2];
    (void) state;

    more[0] = told("", "re_y", 100, REFUND_PENDING).refund;
    more[1] = event.refund;
    event.more_refunds = more;
    event.more_refund_count = 2;
    given_the_webhook(event, WEBHOOK_APPLIED);

    assert_int_equal(rows()->refund_count, 2);
    assert_int_equal(last_payment()->facts.refunded_minor, 2500);
    assert_int_equal(last_payment()->refund_held_minor, 2600);
}

/* The newest stands first; what failed leaves room for it. */
static void of_several_refunds_in_one_event_those_that_failed_count_first(void **state)
{
    struct provider_event event = told("evt_1", "re_y", 2500, REFUND_SUCCEEDED);
    struct provider_refund older = told("", "re_x", 9000, REFUND_FAILED).refund;
    (void) state;

    given_the_webhook(told("evt_2", "re_x", 9000, REFUND_SUCCEEDED), WEBHOOK_APPLIED);
    event.more_refunds = &older;
    event.more_refund_count = 1;
    given_the_webhook(event, WEBHOOK_APPLIED);

    assert_string_equal(last_payment()->review_reason,
                        "A refund failed: the payer does not have the money.");
    assert_int_equal(last_payment()->facts.refunded_minor, 2500);
}

static void a_failed_refund_of_the_dashboard_moves_no_money(void **state)
{
    (void) state;

    given_the_webhook(told("evt_1", "re_x", 9999, REFUND_FAILED), WEBHOOK_APPLIED);

    assert_int_equal(last_refund()->status, REFUND_FAILED);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(rows()->ledger_count, 1);
    assert_true(last_payment()->needs_review);
}

static void a_refund_that_fails_later_or_waits_for_the_payer_is_for_a_human(void **state)
{
    (void) state;

    refund_answer(1000, "k1");
    assert_false(last_payment()->needs_review);
    given_the_webhook(refund_event("evt_1", last_payment(), last_refund()->id.text, "re_2", 1000,
                                   REFUND_FAILED), WEBHOOK_APPLIED);
    assert_true(last_payment()->needs_review);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);

    rows()->payments[0].needs_review = false;                   /* answered; then another one fails */
    given_the_webhook(told("evt_2", "re_x", 500, REFUND_PENDING), WEBHOOK_APPLIED);
    given_the_webhook(told("evt_3", "re_x", 500, REFUND_REQUIRES_ACTION), WEBHOOK_APPLIED);
    assert_string_equal(last_payment()->review_reason,
                        "A refund waits for the payer's bank details at the provider.");
    given_the_webhook(told("evt_4", "re_x", 500, REFUND_FAILED), WEBHOOK_APPLIED);
    assert_non_null(strstr(last_payment()->review_reason, "A refund failed"));
}

/* --- Rank ---------------------------------------------------------------------------------- */

static void a_refund_that_comes_back_from_the_bank_is_reversed(void **state)
{
    (void) state;

    refund_answer(0, "k1");
    assert_int_equal(the_order("abc-123")->status, ORDER_REFUNDED);
    given_the_webhook(refund_event("evt_1", last_payment(), last_refund()->id.text, "re_2", 9999,
                                   REFUND_FAILED), WEBHOOK_APPLIED);

    assert_int_equal(last_refund()->status, REFUND_FAILED);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->refund_held_minor, 0);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(rows()->ledger_count, 3);
    assert_int_equal(rows()->ledger[2].kind, MOVEMENT_REFUND_REVERSAL);
    assert_int_equal(rows()->ledger[2].amount_minor, 9999);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_FAILED), 1);
    assert_int_equal(refund_answer(0, "k2").http_status, 201);
}

static const enum refund_status everything[] = {
    REFUND_PENDING, REFUND_REQUIRES_ACTION, REFUND_SUCCEEDED, REFUND_CANCELLED, REFUND_FAILED,
};
#define STATUSES 5

/* Every pair and triple, in every order: the end is the highest rank, the books fit it. */
static void no_order_of_arrival_changes_the_end(void **state)
{
    (void) state;

    for (int a = 0; a < STATUSES; a++)
        for (int b = 0; b < STATUSES; b++)
            for (int c = 0; c < STATUSES; c++) {
                enum refund_status top = refund_merge(everything[a], refund_merge(everything[b],
                                                                                  everything[c]));

                given_a_paid_payment();
                given_the_webhook(told("evt_1", "re_x", 2500, everything[a]), WEBHOOK_APPLIED);
                given_the_webhook(told("evt_2", "re_x", 2500, everything[b]), WEBHOOK_APPLIED);
                given_the_webhook(told("evt_3", "re_x", 2500, everything[c]), WEBHOOK_APPLIED);

                assert_int_equal(rows()->refund_count, 1);
                assert_int_equal(last_refund()->status, top);
                assert_int_equal(last_payment()->facts.refunded_minor,
                                 top == REFUND_SUCCEEDED ? 2500 : 0);
                assert_int_equal(fake_store_refusal_count(the_store), 0);
                fake_store_check_invariants(the_store);
            }
}

/* --- What is not to be believed ------------------------------------------------------------ */

static void assert_reviewed(struct provider_event event, int refunds)
{
    given_the_webhook(event, WEBHOOK_APPLIED);

    assert_true(last_payment()->needs_review);
    assert_string_not_equal(last_payment()->review_reason, "");
    assert_int_equal(rows()->refund_count, refunds);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
    fake_store_check_invariants(the_store);
}

/* Then, when the provider's list explains it no better, a human is asked (test_process_inbox). */
static void more_than_is_left_waits_until_the_provider_was_asked(void **state)
{
    (void) state;

    given_the_webhook(told("evt_1", "re_x", 10000, REFUND_SUCCEEDED), WEBHOOK_STORED);
    given_a_paid_payment();
    refund_answer(3000, "k1");
    given_the_webhook(told("evt_1", "re_x", 7000, REFUND_PENDING), WEBHOOK_STORED);
    assert_int_equal(rows()->refund_count, 1);
    given_a_paid_payment();
    refund_answer(3000, "k1");
    given_the_webhook(told("evt_1", "re_x", 6999, REFUND_PENDING), WEBHOOK_APPLIED);
    assert_false(last_payment()->needs_review);
}

static void another_currency_is_a_question_for_a_human(void **state)
{
    struct provider_event event = told("evt_1", "re_x", 2500, REFUND_SUCCEEDED);
    (void) state;

    memcpy(event.refund.currency, "EUR", 4);
    assert_reviewed(event, 0);
}

static void a_refund_without_an_amount_is_a_question_for_a_human(void **state)
{
    (void) state;

    assert_reviewed(told("evt_1", "re_x", 0, REFUND_SUCCEEDED), 0);
}

static void money_of_another_object_is_a_question_for_a_human(void **state)
{
    struct provider_event event = told("evt_1", "re_x", 2500, REFUND_SUCCEEDED);
    (void) state;

    snprintf(event.refund.intent, sizeof(event.refund.intent), "pi_other");
    assert_reviewed(event, 0);
}

static void another_amount_of_our_refund_is_a_question_for_a_human(void **state)
{
    (void) state;

    fake_provider_will(FAKE_HANGS);
    refund_answer(3000, "k1");
    assert_reviewed(refund_event("evt_1", last_payment(), last_refund()->id.text, "re_x", 3001,
                                 REFUND_SUCCEEDED), 1);
    assert_int_equal(last_refund()->status, REFUND_PENDING);
    assert_string_equal(last_refund()->provider_ref, "re_x");
    assert_int_equal(last_payment()->facts.refunded_minor, 0);
}

static void a_second_object_for_one_refund_is_a_question_for_a_human(void **state)
{
    (void) state;

    refund_answer(3000, "k1");
    assert_reviewed(refund_event("evt_1", last_payment(), last_refund()->id.text, "re_second", 3000,
                                 REFUND_SUCCEEDED), 1);
    assert_string_equal(last_refund()->provider_ref, "re_2");
}

static void a_refund_that_was_refused_and_is_there_is_booked(void **state)
{
    (void) state;

    fake_provider_will(FAKE_REJECTS);
    refund_answer(3000, "k1");
    assert_int_equal(last_refund()->status, REFUND_FAILED);
    given_the_webhook(refund_event("evt_1", last_payment(), last_refund()->id.text, "re_x", 3000,
                                   REFUND_SUCCEEDED), WEBHOOK_APPLIED);

    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(last_refund()->status, REFUND_SUCCEEDED);
    assert_string_equal(last_refund()->provider_ref, "re_x");
    assert_string_equal(last_refund()->failure_reason, "");
    assert_int_equal(last_payment()->facts.refunded_minor, 3000);
    assert_int_equal(last_payment()->refund_held_minor, 3000);
    assert_false(last_payment()->needs_review);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_SUCCEEDED), 1);
}

static void a_refused_refund_that_no_longer_fits_is_a_question_for_a_human(void **state)
{
    char refused[ID_TEXT_MAX];
    (void) state;

    fake_provider_will(FAKE_REJECTS);
    refund_answer(3000, "k1");
    snprintf(refused, sizeof(refused), "%s", last_refund()->id.text);
    refund_answer(9000, "k2");
    assert_reviewed(refund_event("evt_1", last_payment(), refused, "re_x", 3000, REFUND_SUCCEEDED), 2);
    assert_int_equal(rows()->refunds[0].status, REFUND_FAILED);
}

static void the_providers_own_failure_is_the_end(void **state)
{
    (void) state;

    fake_provider_will(FAKE_SAYS_FAILED);
    refund_answer(3000, "k1");
    given_the_webhook(refund_event("evt_1", last_payment(), last_refund()->id.text, last_refund()->provider_ref,
                                   3000, REFUND_SUCCEEDED), WEBHOOK_APPLIED);
    assert_int_equal(last_refund()->status, REFUND_FAILED);
}

/* --- Before the charge --------------------------------------------------------------------- */

static void a_refund_before_its_charge_waits_in_the_inbox(void **state)
{
    (void) state;

    given_an_unpaid_payment();
    given_the_webhook(told("evt_1", "re_x", 2500, REFUND_SUCCEEDED), WEBHOOK_STORED);

    assert_int_equal(rows()->webhooks[0].status, INBOX_RECEIVED);
    assert_int_equal(rows()->refund_count, 0);
    assert_false(last_payment()->needs_review);
}

static void a_refund_of_an_unknown_payment_waits_in_the_inbox(void **state)
{
    struct payment stranger = *last_payment();
    (void) state;

    snprintf(stranger.id.text, sizeof(stranger.id.text), "pay_00000000000000000000000000");
    given_the_webhook(refund_event("evt_1", &stranger, "", "re_x", 2500, REFUND_SUCCEEDED),
                      WEBHOOK_STORED);
    assert_int_equal(rows()->refund_count, 0);
}

/* --- Surplus ------------------------------------------------------------------------------- */

/* alice pays twice: the first page expired for us, and its money comes all the same. */
static void given_surplus_money(void)
{
    struct payment first;

    given_an_unpaid_payment();
    first = *last_payment();
    given_the_webhook(closed_event("evt_1", &first, PAYMENT_CLOSED_EXPIRED), WEBHOOK_APPLIED);
    checkout_answer("alice", "abc-123", NULL);
    given_the_webhook(captured_event("evt_2", last_payment()), WEBHOOK_APPLIED);
    given_the_webhook(captured_event("evt_3", &first), WEBHOOK_APPLIED);
    given_the_webhook(captured_event("evt_4", &first), WEBHOOK_APPLIED);
}

/* --- Ours, told without our mark before its answer came ------------------------------------- */

static void an_event_that_may_be_of_our_refund_waits_for_its_answer(void **state)
{
    (void) state;

    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    assert_int_equal(refund_answer(2500, "key-1").http_status, 202);
    given_the_webhook(told("evt_1", "re_x", 2500, REFUND_SUCCEEDED), WEBHOOK_STORED);
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(last_payment()->facts.refunded_minor, 0);
    assert_int_equal(refund_answer(2500, "key-1").http_status, 201);
    assert_int_equal(last_payment()->facts.refunded_minor, 2500);
}

static void what_cannot_be_our_refund_waits_for_nothing(void **state)
{
    struct provider_event older = told("evt_2", "re_y", 2500, REFUND_SUCCEEDED);
    (void) state;

    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    assert_int_equal(refund_answer(2500, "key-1").http_status, 202);
    older.refund.created_s = NOW_MS / 1000 - 121;
    given_the_webhook(told("evt_1", "re_x", 2499, REFUND_SUCCEEDED), WEBHOOK_APPLIED);
    given_the_webhook(older, WEBHOOK_APPLIED);
    assert_int_equal(rows()->refund_count, 3);
    given_the_webhook(told("evt_3", "re_y", 2500, REFUND_SUCCEEDED), WEBHOOK_APPLIED);   /* known by its name */
    assert_int_equal(rows()->refund_count, 3);
}

static void surplus_money_gets_one_refund_that_is_due_at_once(void **state)
{
    const struct payment *surplus;
    const struct fake_call *call;
    (void) state;

    given_surplus_money();

    surplus = &rows()->payments[0];
    assert_true(surplus->surplus);
    assert_true(surplus->needs_review);
    assert_int_equal(surplus->refund_held_minor, 9999);
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(last_refund()->origin, REFUND_OF_SURPLUS);
    assert_string_equal(last_refund()->payment_id.text, surplus->id.text);
    call = &rows()->calls[rows()->call_count - 1];
    assert_string_equal(call->operation, "refund");
    assert_string_equal(call->refund_id.text, last_refund()->id.text);
    assert_int_equal(call->attempts, 0);
    assert_int_equal(call->lease_until_ms, 0);
    assert_non_null(strstr(call->body, "9999 USD"));
    assert_int_equal(fake_provider_refunded_minor(), 0);        /* nobody calls in a transaction */
}

static void a_surplus_refund_leaves_the_order_paid(void **state)
{
    const struct payment *surplus = &rows()->payments[0];
    (void) state;

    given_surplus_money();
    surplus = &rows()->payments[0];
    given_the_webhook(refund_event("evt_9", surplus, last_refund()->id.text, "re_x", 9999,
                                   REFUND_SUCCEEDED), WEBHOOK_APPLIED);

    assert_int_equal(surplus->status, PAYMENT_REFUNDED);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_a_paid_payment, tear_down_checked)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refund_of_the_dashboard_is_adopted),
        TEST(many_events_of_one_refund_are_one_refund),
        TEST(a_refund_with_a_foreign_mark_gets_an_id_of_its_own),
        TEST(refunds_of_one_event_are_each_adopted),
        TEST(of_several_refunds_in_one_event_those_that_failed_count_first),
        TEST(a_failed_refund_of_the_dashboard_moves_no_money),
        TEST(a_refund_that_fails_later_or_waits_for_the_payer_is_for_a_human),
        TEST(a_refund_that_comes_back_from_the_bank_is_reversed),
        TEST(no_order_of_arrival_changes_the_end),
        TEST(more_than_is_left_waits_until_the_provider_was_asked),
        TEST(another_currency_is_a_question_for_a_human),
        TEST(a_refund_without_an_amount_is_a_question_for_a_human),
        TEST(money_of_another_object_is_a_question_for_a_human),
        TEST(another_amount_of_our_refund_is_a_question_for_a_human),
        TEST(a_second_object_for_one_refund_is_a_question_for_a_human),
        TEST(a_refund_that_was_refused_and_is_there_is_booked),
        TEST(a_refused_refund_that_no_longer_fits_is_a_question_for_a_human),
        TEST(the_providers_own_failure_is_the_end),
        TEST(a_refund_before_its_charge_waits_in_the_inbox),
        TEST(a_refund_of_an_unknown_payment_waits_in_the_inbox),
        TEST(an_event_that_may_be_of_our_refund_waits_for_its_answer),
        TEST(what_cannot_be_our_refund_waits_for_nothing),
        TEST(surplus_money_gets_one_refund_that_is_due_at_once),
        TEST(a_surplus_refund_leaves_the_order_paid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
