/* settle_payment: the one way a payment changes. */
#include "application/settling/settle_payment.h"
#include "application/transaction.h"
#include "given.h"

#include <stdio.h>
#include <string.h>

struct settling {
    struct payment_id       id;
    struct provider_payment news;
    bool                    changed;
};

static const struct problem *settle_step(struct ctx *ctx, void *argument)
{
    struct settling *work = argument;
    struct payment_lock lock;

    TRY(store_payment_lock(ctx, work->id, &lock));
    work->changed = settle_payment(ctx, &lock, &work->news, change_source_of(SOURCE_SYNC));
    return OK;
}

/* True when these news changed the payment. */
static bool settle(const struct provider_payment *news)
{
    struct settling work = { .id = last_payment()->id, .news = *news };

    assert_null(in_transaction(given_a_request_of("stripe"), settle_step, &work));
    return work.changed;
}

static struct fake_tables *rows(void)
{
    return fake_store_tables(the_store);
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
    assert_int_equal(fake_store_refusal_count(the_store), 0);
    return tear_down_world(state);
}

static struct provider_payment captured(int64_t minor)
{
    struct provider_payment news = { .facts.captured_minor = minor };

    return news;
}

static void money_completes_the_payment_and_pays_the_order(void **state)
{
    struct provider_payment news = captured(9999);
    (void) state;

    given_time_passes(5);
    assert_true(settle(&news));

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->completed_at_ms, NOW_MS + 5000);
    assert_int_equal(last_payment()->updated_at_ms, NOW_MS + 5000);
    assert_string_equal(last_payment()->checkout_url, "");
    assert_false(last_payment()->needs_review);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(rows()->ledger_count, 1);
    assert_int_equal(rows()->ledger[0].amount_minor, 9999);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
}

static void news_that_change_nothing_write_nothing(void **state)
{
    struct provider_payment news = captured(9999);
    struct fake_tables *before = arena_alloc(the_arena, sizeof(*before));
    (void) state;

    assert_true(settle(&news));
    *before = *rows();
    given_time_passes(5);

    assert_false(settle(&news));
    assert_memory_equal(before, rows(), sizeof(*before));
}

static void news_about_nothing_write_nothing(void **state)
{
    struct provider_payment nothing = { .livemode = false };
    (void) state;

    assert_false(settle(&nothing));
}

static void a_change_of_facts_within_a_status_is_audited_as_facts(void **state)
{
    struct provider_payment news = { .intent = "pi_1" };
    int status_audits;
    (void) state;

    status_audits = fake_store_count_audits(the_store, "status");
    assert_true(settle(&news));

    assert_string_equal(last_payment()->provider_intent, "pi_1");
    assert_int_equal(fake_store_count_audits(the_store, "facts"), 1);
    assert_int_equal(fake_store_count_audits(the_store, "status"), status_audits);
}

/* Another amount that is only named, or the same number in another currency: nothing is booked. */
static void another_amount_or_currency_is_a_question_for_a_human(void **state)
{
    static const struct provider_payment all[] = {
        { .facts.captured_minor = 9999, .amount_minor = 9999, .currency = "EUR" },
        { .facts.captured_minor = 6000, .amount_minor = 6000, .currency = "EUR" },
        { .amount_minor = 9998, .currency = "USD" },
        { .amount_minor = 9999, .currency = "JPY" },
        { .facts.mismatch = true },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        set_up_a_payment(NULL);
        assert_true(settle(&all[i]));

        assert_int_not_equal(last_payment()->status, PAYMENT_COMPLETED);
        assert_int_equal(last_payment()->facts.captured_minor, 0);
        assert_true(last_payment()->facts.mismatch);
        assert_true(last_payment()->needs_review);
        assert_string_equal(last_payment()->checkout_url, "");
        assert_int_equal(the_order("abc-123")->status, ORDER_OPEN);
        assert_int_equal(rows()->ledger_count, 0);
        assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);
        assert_false(settle(&all[i]));
        fake_store_check_invariants(the_store);
    }
}

static void less_money_than_is_due_is_booked_and_completes_nothing(void **state)
{
    static const struct provider_payment all[] = {
        { .facts.captured_minor = 9998 },
        { .facts.captured_minor = 1 },
        { .facts.captured_minor = 6000, .amount_minor = 6000, .currency = "USD" },
        { .facts.captured_minor = 6000, .amount_minor = 9999, .currency = "USD" },
        { .facts.captured_minor = 6000, .facts.closed = PAYMENT_CLOSED_EXPIRED },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        set_up_a_payment(NULL);
        assert_true(settle(&all[i]));

        assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
        assert_int_equal(last_payment()->facts.captured_minor, all[i].facts.captured_minor);
        assert_true(last_payment()->needs_review);
        assert_string_equal(last_payment()->review_reason,
                            "Less money arrived than the order asks for.");
        assert_string_equal(last_payment()->checkout_url, "");
        assert_int_equal(the_order("abc-123")->status, ORDER_OPEN);
        assert_int_equal(rows()->ledger_count, 1);
        assert_int_equal(rows()->ledger[0].amount_minor, all[i].facts.captured_minor);
        assert_int_equal(rows()->refund_count, 0);
        assert_false(settle(&all[i]));
        fake_store_check_invariants(the_store);
    }
}

static void the_rest_of_the_money_completes_the_payment(void **state)
{
    struct provider_payment part = captured(6000), whole = captured(9999);
    (void) state;

    assert_true(settle(&part));
    assert_true(settle(&whole));

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(rows()->ledger_count, 2);
    assert_int_equal(rows()->ledger[1].amount_minor, 3999);
    assert_string_not_equal(rows()->ledger[0].provider_ref, rows()->ledger[1].provider_ref);
    assert_false(settle(&part));
}

static void more_money_than_is_due_completes_the_payment_and_the_excess_goes_back(void **state)
{
    struct provider_payment news = captured(20000);
    (void) state;

    news.intent[0] = 'p';
    assert_true(settle(&news));

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->facts.captured_minor, 20000);
    assert_true(last_payment()->needs_review);
    assert_false(last_payment()->surplus);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(rows()->ledger[0].amount_minor, 20000);
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(rows()->refunds[0].amount.minor, 10001);
    assert_int_equal(rows()->refunds[0].origin, REFUND_OF_SURPLUS);
    assert_false(settle(&news));
    assert_int_equal(rows()->refund_count, 1);
}

/* Learned of late, after an outage: the books have the day on which the provider took it. */
static void money_is_dated_by_the_providers_word(void **state)
{
    static const struct { int64_t told_s, expected_ms; } rows_of_times[] = {
        { 0, 500000 }, { 100, 100999 }, { 500, 500000 }, { 501, 500000 }, { -5, 0 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows_of_times) / sizeof(rows_of_times[0]); i++) {
        struct provider_payment news = captured(9999);

        set_up_a_payment(NULL);
        given_time_passes(500);
        if (rows_of_times[i].told_s != 0)
            news.captured_at_s = NOW_MS / 1000 + rows_of_times[i].told_s;
        assert_true(settle(&news));
        assert_int_equal(rows()->ledger[0].occurred_at_ms, NOW_MS + rows_of_times[i].expected_ms);
    }
}

static void what_was_accepted_is_not_asked_about_again(void **state)
{
    struct provider_payment news = captured(6000);
    (void) state;

    assert_true(settle(&news));
    rows()->payments[0].facts.accepted = true;
    rows()->payments[0].needs_review = false;
    assert_false(settle(&news));
    assert_false(last_payment()->needs_review);
    rows()->payments[0].facts.accepted = false;
    rows()->payments[0].needs_review = true;
}

static void a_document_without_an_amount_is_taken_at_its_word(void **state)
{
    struct provider_payment news = { .facts.closed = PAYMENT_CLOSED_EXPIRED };
    (void) state;

    assert_true(settle(&news));
    assert_false(last_payment()->needs_review);
    assert_int_equal(last_payment()->status, PAYMENT_EXPIRED);
}

static void the_page_stays_while_the_payer_may_try_again(void **state)
{
    static const enum payment_progress way[] = { PROGRESS_PROCESSING, PROGRESS_FAILED,
                                                 PROGRESS_REQUIRES_ACTION };
    (void) state;

    for (int i = 0; i < 3; i++) {
        struct provider_payment news = { .facts.snapshot = { NOW_MS / 1000 + i, way[i], "", "" } };

        assert_true(settle(&news));
        assert_string_equal(last_payment()->checkout_url, "https://pay.example/cs_1");
    }
}

static void a_closed_page_is_forgotten_and_does_not_come_back(void **state)
{
    struct provider_payment closed = { .facts.closed = PAYMENT_CLOSED_CANCELLED };
    struct provider_payment late = { .checkout_url = "https://pay.example/cs_1" };
    (void) state;

    assert_true(settle(&closed));
    assert_false(settle(&late));
    assert_string_equal(last_payment()->checkout_url, "");
}

/* --- A second object for the same payment -------------------------------------------------- */

static const struct provider_payment second_object = {
    .ref = "cs_other", .checkout_url = "https://pay.example/cs_other",
};

static void the_page_of_a_second_object_is_never_handed_out(void **state)
{
    (void) state;

    assert_true(settle(&second_object));

    assert_string_equal(last_payment()->provider_ref, "cs_1");
    assert_string_equal(last_payment()->checkout_url, "https://pay.example/cs_1");
    assert_true(last_payment()->needs_review);
}

/* The first object can still take money: freeing the order now would sell it twice. */
static void the_end_of_a_second_object_does_not_free_the_order(void **state)
{
    struct provider_payment news = second_object;
    (void) state;

    news.facts.closed = PAYMENT_CLOSED_EXPIRED;
    news.facts.snapshot = (struct payment_snapshot) { NOW_MS / 1000 + 9, PROGRESS_FAILED, "x", "" };
    assert_true(settle(&news));

    assert_true(payment_is_open(&last_payment()->facts));
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_true(last_payment()->needs_review);
}

static void the_money_of_a_second_object_counts_all_the_same(void **state)
{
    struct provider_payment news = second_object;
    (void) state;

    news.facts.captured_minor = 9999;
    assert_true(settle(&news));

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_true(last_payment()->needs_review);
    assert_int_equal(rows()->ledger_count, 1);
}

static void references_are_written_once(void **state)
{
    struct provider_payment first = { .ref = "cs_1", .intent = "pi_1" };
    struct provider_payment other = { .intent = "pi_2" };
    (void) state;

    assert_true(settle(&first));
    assert_false(last_payment()->needs_review);
    assert_true(settle(&other));

    assert_string_equal(last_payment()->provider_intent, "pi_1");
    assert_true(last_payment()->needs_review);
    assert_false(settle(&other));
}

static void each_cause_for_a_review_is_asked_about_once(void **state)
{
    struct provider_payment wrong = captured(1);
    (void) state;

    assert_true(settle(&wrong));
    assert_true(settle(&second_object));
    assert_false(settle(&second_object));

    assert_string_equal(last_payment()->review_reason,
                        "Less money arrived than the order asks for."
                        " The provider reported a second object for this payment.");
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 2);
}

static void an_answered_cause_is_not_asked_about_again_and_a_new_one_is(void **state)
{
    struct provider_payment less = captured(1), more = captured(20000);
    (void) state;

    more.intent[0] = 'p';
    assert_true(settle(&less));
    rows()->payments[0].needs_review = false;
    assert_false(settle(&less));
    assert_false(last_payment()->needs_review);
    less.facts.captured_minor = 2;
    assert_true(settle(&less));
    assert_false(last_payment()->needs_review);
    assert_true(settle(&more));
    assert_true(last_payment()->needs_review);
    assert_non_null(strstr(last_payment()->review_reason, "More money"));
    assert_null(strstr(last_payment()->review_reason, "Less money"));
}

static void the_payment_after_it_is_in_the_lock(void **state)
{
    struct ctx *ctx = given_a_request_of("stripe");
    struct provider_payment news = captured(9999);
    struct payment_lock lock;
    (void) state;

    store_begin(ctx);
    assert_null(store_payment_lock(ctx, last_payment()->id, &lock));
    assert_true(settle_payment(ctx, &lock, &news, change_source_of(SOURCE_SYNC)));
    assert_int_equal(lock.payment.status, PAYMENT_COMPLETED);
    assert_null(store_commit(ctx));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_a_payment, tear_down_checked)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(money_completes_the_payment_and_pays_the_order),
        TEST(news_that_change_nothing_write_nothing),
        TEST(news_about_nothing_write_nothing),
        TEST(a_change_of_facts_within_a_status_is_audited_as_facts),
        TEST(another_amount_or_currency_is_a_question_for_a_human),
        TEST(less_money_than_is_due_is_booked_and_completes_nothing),
        TEST(the_rest_of_the_money_completes_the_payment),
        TEST(more_money_than_is_due_completes_the_payment_and_the_excess_goes_back),
        TEST(money_is_dated_by_the_providers_word),
        TEST(what_was_accepted_is_not_asked_about_again),
        TEST(a_document_without_an_amount_is_taken_at_its_word),
        TEST(the_page_stays_while_the_payer_may_try_again),
        TEST(a_closed_page_is_forgotten_and_does_not_come_back),
        TEST(the_page_of_a_second_object_is_never_handed_out),
        TEST(the_end_of_a_second_object_does_not_free_the_order),
        TEST(the_money_of_a_second_object_counts_all_the_same),
        TEST(references_are_written_once),
        TEST(each_cause_for_a_review_is_asked_about_once),
        TEST(an_answered_cause_is_not_asked_about_again_and_a_new_one_is),
        TEST(the_payment_after_it_is_in_the_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
