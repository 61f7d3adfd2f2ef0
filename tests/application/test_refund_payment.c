/* refund_payment, sentence by sentence. */
#include "given.h"
#include "given_refund.h"

#include <string.h>

#include "application/queries.h"

/* --- What a refund does -------------------------------------------------------------------- */

static void without_an_amount_all_goes_back(void **state)
{
    struct answer answer;
    (void) state;

    answer = refund_answer(0, "k1");

    assert_int_equal(answer.http_status, 201);
    assert_body_has(&answer, "9999 succeeded");
    assert_int_equal(fake_provider_refunded_minor(), 9999);
    assert_int_equal(last_payment()->status, PAYMENT_REFUNDED);
    assert_int_equal(last_payment()->facts.refunded_minor, 9999);
    assert_int_equal(the_order("abc-123")->status, ORDER_REFUNDED);
    assert_int_equal(rows()->ledger_count, 2);
    assert_int_equal(rows()->ledger[1].kind, MOVEMENT_REFUND);
    assert_int_equal(rows()->ledger[1].amount_minor, -9999);
    assert_string_equal(rows()->ledger[1].provider_ref, rows()->refunds[0].provider_ref);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_CREATED), 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_SUCCEEDED), 1);
    assert_int_equal(fake_store_count_audits(the_store, "refund.created"), 1);
    assert_int_equal(fake_store_count_audits(the_store, "refund.status"), 1);
    assert_int_equal(fake_store_count_answers(the_store, "refund"), 1);
    assert_int_equal(fake_store_count_audits(the_store, "call.refund"), 0);
}

static void many_parts_make_the_whole(void **state)
{
    (void) state;

    assert_int_equal(refund_answer(3000, "k1").http_status, 201);
    assert_int_equal(last_payment()->status, PAYMENT_PARTIALLY_REFUNDED);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(refund_answer(6998, "k2").http_status, 201);
    assert_int_equal(last_payment()->status, PAYMENT_PARTIALLY_REFUNDED);
    assert_int_equal(refund_answer(0, "k3").http_status, 201);

    assert_int_equal(last_refund()->amount.minor, 1);
    assert_int_equal(last_payment()->status, PAYMENT_REFUNDED);
    assert_int_equal(fake_provider_refunded_minor(), 9999);
}

static void a_refund_that_is_pending_holds_its_amount(void **state)
{
    (void) state;

    fake_provider_will(FAKE_SAYS_PENDING);
    assert_int_equal(refund_answer(6000, "k1").http_status, 201);

    assert_int_equal(last_refund()->status, REFUND_PENDING);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->refund_held_minor, 6000);
    assert_int_equal(rows()->ledger_count, 1);
    assert_int_equal(refund_answer(4000, "k2").http_status, 422);
    assert_int_equal(refund_answer(3999, "k3").http_status, 201);
}

static void a_refund_that_fails_at_once_frees_its_amount(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_will(FAKE_SAYS_FAILED);
    answer = refund_answer(0, "k1");

    assert_int_equal(answer.http_status, 201);
    assert_body_has(&answer, "failed because=lost_or_stolen_card");
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->refund_held_minor, 0);
    assert_int_equal(rows()->ledger_count, 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_FAILED), 1);
    assert_int_equal(refund_answer(0, "k2").http_status, 201);
}

/* --- What is refused, and why -------------------------------------------------------------- */

static void more_than_is_left_is_refused_with_what_is_left(void **state)
{
    struct answer answer;
    (void) state;

    assert_int_equal(refund_answer(10000, "k1").http_status, 422);
    assert_int_equal(refund_answer(9000, "k2").http_status, 201);
    answer = refund_answer(1000, "k3");

    assert_int_equal(answer.http_status, 422);
    assert_int_equal(answer.problem->type, PROBLEM_VALIDATION_FAILED);
    assert_string_equal(answer.problem->fields[0].pointer, "#/amountMinor");
    assert_non_null(strstr(answer.problem->fields[0].detail, "9.99"));
    assert_string_equal(answer.problem->numbers[0].name, "refundableMinor");
    assert_int_equal(answer.problem->numbers[0].value, 999);
    assert_int_equal(fake_provider_refunded_minor(), 9000);
    assert_int_equal(refund_answer(999, "k4").http_status, 201);
}

static void another_currency_is_refused(void **state)
{
    struct refund_payment command = refund_command(100, a_refund_key("k1", "f1"));
    struct refund_terms terms = { 100, "EUR", "", "#/amount" };
    struct answer answer;
    (void) state;

    command.body = &terms;
    assert_null(refund_payment(given_a_request_of_an_admin(), &command, &answer));

    assert_int_equal(answer.http_status, 422);
    assert_string_equal(answer.problem->fields[0].pointer, "#/currency");
    terms.currency = "USD";
    command.key = a_refund_key("k2", "f2");
    assert_null(refund_payment(given_a_request_of_an_admin(), &command, &answer));
    assert_int_equal(answer.http_status, 201);
}

static const struct problem *find_fault(struct ctx *ctx, const void *body, const char *currency,
                                        struct refund_terms *terms_out)
{
    (void) body, (void) currency, (void) terms_out;
    return problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED, "10.001 has more decimals than the currency");
}

static void what_cannot_be_read_leaves_the_key_unused(void **state)
{
    struct refund_payment command = refund_command(100, a_refund_key("k1", "f10001"));
    struct answer answer;
    (void) state;

    command.read_terms = find_fault;
    assert_int_equal(refund_payment(given_a_request_of_an_admin(), &command, &answer)->type,
                     PROBLEM_VALIDATION_FAILED);

    assert_int_equal(rows()->refund_count, 0);
    assert_int_equal(refund_answer(1000, "k1").http_status, 201);       /* another body, the same key */
}

static void assert_refused(int64_t amount_minor, const char *key, const char *why)
{
    struct answer answer = refund_answer(amount_minor, key);

    assert_int_equal(answer.http_status, 409);
    assert_int_equal(answer.problem->type, PROBLEM_INVALID_PAYMENT_STATE);
    assert_non_null(strstr(answer.problem->detail, why));
}

static void what_is_fully_refunded_is_refused(void **state)
{
    (void) state;

    refund_answer(0, "k1");
    assert_refused(0, "k2", "fully refunded");
    assert_refused(1, "k3", "fully refunded");
}

static void what_is_held_whole_by_pending_refunds_is_refused(void **state)
{
    (void) state;

    fake_provider_will(FAKE_SAYS_PENDING);
    refund_answer(0, "k1");
    assert_refused(0, "k2", "under way");
}

/* Every status without captured money. */
static void what_was_not_captured_is_refused_with_its_status(void **state)
{
    static const enum payment_close ends[] = { PAYMENT_OPEN, PAYMENT_CLOSED_FAILED,
                                               PAYMENT_CLOSED_EXPIRED, PAYMENT_CLOSED_CANCELLED };
    static const enum payment_progress steps[] = {
        PROGRESS_NONE, PROGRESS_OPENED, PROGRESS_REQUIRES_ACTION, PROGRESS_PROCESSING,
        PROGRESS_FAILED,
    };
    (void) state;

    for (size_t e = 0; e < 4; e++)
        for (size_t s = 0; s < 5; s++) {
            given_an_unpaid_payment();
            if (steps[s] != PROGRESS_NONE)
                given_the_webhook_if_news(progress_event("evt_1", last_payment(), steps[s],
                                                         NOW_MS / 1000 + 9));
            if (ends[e] != PAYMENT_OPEN)
                given_the_webhook(closed_event("evt_2", last_payment(), ends[e]), WEBHOOK_APPLIED);
            assert_refused(0, "k1", payment_status_name(last_payment()->status));
            assert_int_equal(rows()->refund_count, 0);
        }
}

static void a_payment_that_is_not_there_is_not_found(void **state)
{
    struct refund_payment command = refund_command(0, a_refund_key("k1", "f1"));
    struct answer answer;
    (void) state;

    command.payment_id.text[8] = command.payment_id.text[8] == 'A' ? 'B' : 'A';
    assert_null(refund_payment(given_a_request_of_an_admin(), &command, &answer));

    assert_int_equal(answer.http_status, 404);
}

/* --- Each meaning of an answer ------------------------------------------------------------- */

static void an_unknown_outcome_is_202_and_the_repeat_finds_one_refund(void **state)
{
    static const enum fake_reaction unknown[] = { FAKE_LOSES_ITS_ANSWER, FAKE_HANGS };
    (void) state;

    for (size_t i = 0; i < 2; i++) {
        struct answer answer;

        given_a_paid_payment();
        fake_provider_will(unknown[i]);
        answer = refund_answer(3000, "k1");
        assert_int_equal(answer.http_status, 202);
        assert_int_equal(answer.retry_after_s, 5);
        assert_int_equal(last_refund()->status, REFUND_PENDING);
        assert_int_equal(last_payment()->refund_held_minor, 3000);
        given_time_passes(600);
        answer = refund_answer(3000, "k1");

        assert_int_equal(answer.http_status, 201);
        assert_body_has(&answer, "3000 succeeded");
        assert_int_equal(rows()->refund_count, 1);
        assert_int_equal(fake_provider_refunded_minor(), 3000);
        assert_int_equal(fake_provider_key_count(), 2);         /* checkout and refund */
        fake_store_check_invariants(the_store);
    }
}

static void what_was_not_executed_is_resumed_by_the_same_key(void **state)
{
    static const struct { enum fake_reaction reaction; enum problem_type logged; int retry_after_s; } cases[] = {
        { FAKE_IS_DOWN, PROBLEM_PROVIDER_UNAVAILABLE, 5 },
        { FAKE_IS_BUSY, PROBLEM_PROVIDER_BUSY, 7 },
        { FAKE_REFUSES_OUR_KEY, PROBLEM_PROVIDER_MISCONFIGURED, 5 },
    };
    (void) state;

    for (size_t i = 0; i < 3; i++) {
        struct answer answer;

        given_a_paid_payment();
        fake_provider_will(cases[i].reaction);
        answer = refund_answer(3000, "k1");
        assert_int_equal(answer.http_status, 202);
        assert_body_has(&answer, "3000 pending");
        assert_int_equal(answer.problem->type, cases[i].logged);
        assert_int_equal(answer.retry_after_s, cases[i].retry_after_s);
        assert_int_equal(last_refund()->status, REFUND_PENDING);
        given_time_passes(60);

        assert_int_equal(refund_answer(3000, "k1").http_status, 201);
        assert_int_equal(rows()->refund_count, 1);
        assert_int_equal(fake_provider_refunded_minor(), 3000);
        assert_int_equal(fake_provider_key_count(), 2);
        fake_store_check_invariants(the_store);
    }
}

static void a_refusal_frees_the_amount(void **state)
{
    static const struct { enum fake_reaction reaction; int status; } cases[] = {
        { FAKE_REFUSES, 402 }, { FAKE_REJECTS, 502 }, { FAKE_SAYS_NOTHING_IS_LEFT, 409 },
    };
    (void) state;

    for (size_t i = 0; i < 3; i++) {
        given_a_paid_payment();
        fake_provider_will(cases[i].reaction);
        assert_int_equal(refund_answer(0, "k1").http_status, cases[i].status);

        assert_int_equal(last_refund()->status, REFUND_FAILED);
        assert_string_equal(last_refund()->failure_reason, "card_declined");
        assert_int_equal(last_payment()->refund_held_minor, 0);
        assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
        assert_int_equal(rows()->ledger_count, 1);
        assert_int_equal(refund_answer(0, "k2").http_status, 201);
        fake_store_check_invariants(the_store);
    }
}

static void refunds_that_we_did_not_know_are_learned_from_the_refusal(void **state)
{
    struct provider_refund others[2];
    (void) state;

    others[0] = refund_event("", last_payment(), "", "re_x", 4000, REFUND_SUCCEEDED).refund;
    others[1] = refund_event("", last_payment(), "", "re_y", 5999, REFUND_PENDING).refund;
    fake_provider_lists(others, 2);
    fake_provider_will(FAKE_SAYS_NOTHING_IS_LEFT);

    assert_int_equal(refund_answer(0, "k1").http_status, 409);

    assert_int_equal(rows()->refund_count, 3);
    assert_int_equal(last_payment()->facts.refunded_minor, 4000);
    assert_int_equal(last_payment()->refund_held_minor, 9999);
    assert_int_equal(last_refund()->origin, REFUND_BY_PROVIDER);
    assert_refused(0, "k2", "under way");
}

static void a_refund_of_another_amount_is_a_question_for_a_human(void **state)
{
    (void) state;

    fake_provider_will(FAKE_NAMES_ANOTHER_AMOUNT);
    assert_int_equal(refund_answer(3000, "k1").http_status, 202);

    assert_true(last_payment()->needs_review);
    assert_int_equal(last_refund()->status, REFUND_PENDING);
    assert_int_equal(last_payment()->facts.refunded_minor, 0);
    assert_int_equal(rows()->ledger_count, 1);
}

/* --- A rival between the peek and the write -------------------------------------------------- */

static void refund_the_rest(void *answer)
{
    *(struct answer *) answer = refund_answer(9999, "k2");
}

static void what_another_refunded_since_the_peek_is_not_left(void **state)
{
    struct answer answer, rivals;
    (void) state;

    fake_store_after_peek(the_store, refund_the_rest, &rivals);
    answer = refund_answer(3000, "k1");

    assert_int_equal(rivals.http_status, 201);
    assert_int_equal(answer.http_status, 409);
    assert_int_equal(fake_provider_refunded_minor(), 9999);
    assert_int_equal(rows()->refund_count, 1);
}

static void refund_with_that_key(void *answer)
{
    *(struct answer *) answer = refund_answer(3000, "k1");
}

static void a_key_that_another_used_since_the_peek_gives_its_answer(void **state)
{
    struct answer answer, rivals;
    (void) state;

    fake_store_after_peek(the_store, refund_with_that_key, &rivals);
    answer = refund_answer(3000, "k1");

    assert_true(answer.replayed);
    assert_true(bytes_equal(answer.body, rivals.body));
    assert_int_equal(fake_provider_refunded_minor(), 3000);
}

/* The refund that would be sent again has its object by then. */
static void learn_its_object(void *unused)
{
    (void) unused;
    given_the_webhook(refund_event("evt_r", last_payment(), last_refund()->id.text, "re_1", 3000,
                                   REFUND_PENDING), WEBHOOK_APPLIED);
}

static void what_was_told_since_the_peek_is_not_called_for_again(void **state)
{
    int calls;
    (void) state;

    fake_provider_will(FAKE_IS_DOWN);
    assert_int_equal(refund_answer(3000, "k1").http_status, 202);
    calls = fake_provider_call_count();
    fake_store_after_peek(the_store, learn_its_object, NULL);

    assert_int_equal(refund_answer(3000, "k1").http_status, 201);
    assert_int_equal(fake_provider_call_count(), calls);
}

static void change_at_each_peek(void *unused)
{
    fake_store_tables(the_store)->payments[0].updated_at_ms++;
    fake_store_after_peek(the_store, change_at_each_peek, unused);
}

/* The repeat locks before it peeks: there is no moment left between its peek and its write. */
static void who_was_overtaken_once_is_not_overtaken_again(void **state)
{
    (void) state;

    fake_store_after_peek(the_store, change_at_each_peek, NULL);
    assert_int_equal(refund_answer(3000, "k1").http_status, 201);
    assert_int_equal(fake_store_repeat_count(the_store), 1);
}

static void a_replay_begins_no_transaction(void **state)
{
    int begun;
    (void) state;

    refund_answer(3000, "k1");
    begun = fake_store_begin_count(the_store);
    assert_true(refund_answer(3000, "k1").replayed);
    assert_int_equal(fake_store_begin_count(the_store), begun);
}

/* --- Keys ---------------------------------------------------------------------------------- */

static void the_same_key_gives_the_same_bytes(void **state)
{
    struct answer first, second;
    (void) state;

    first = refund_answer(3000, "k1");
    second = refund_answer(3000, "k1");

    assert_true(bytes_equal(first.body, second.body));
    assert_true(second.replayed);
    assert_int_equal(fake_provider_refunded_minor(), 3000);
}

static void a_key_is_bound_to_its_refund_for_ever(void **state)
{
    struct answer answer;
    (void) state;

    refund_answer(3000, "k1");
    rows()->key_count = 0;                      /* purged */
    answer = refund_answer(3000, "k1");
    assert_int_equal(answer.http_status, 201);
    assert_body_has(&answer, "3000 succeeded");
    rows()->key_count = 0;
    answer = refund_answer(3001, "k1");

    assert_int_equal(answer.http_status, 422);
    assert_int_equal(answer.problem->type, PROBLEM_IDEMPOTENCY_KEY_REUSED);
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(fake_provider_refunded_minor(), 3000);
}

/* As after a restore: the payment is there, its refund and the key are not. */
static void a_key_whose_refund_was_lost_sends_the_same_request(void **state)
{
    struct refund_id id;
    (void) state;

    refund_answer(3000, "k1");
    id = last_refund()->id;
    rows()->refund_count = rows()->key_count = 0;
    rows()->call_count = rows()->ledger_count = 1;
    last_payment()->facts.refunded_minor = last_payment()->refund_held_minor = 0;
    last_payment()->status = PAYMENT_COMPLETED;

    assert_int_equal(refund_answer(3000, "k1").http_status, 201);
    assert_string_equal(last_refund()->id.text, id.text);
    assert_int_equal(fake_provider_refunded_minor(), 3000);
    assert_int_equal(fake_provider_key_count(), 2);
    assert_int_equal(refund_answer(1000, "k2").http_status, 201);
    assert_string_not_equal(last_refund()->id.text, id.text);
}

static void a_key_whose_refund_came_back_by_an_event_finds_it(void **state)
{
    struct refund_id id;
    struct answer answer;
    (void) state;

    refund_answer(3000, "k1");
    id = last_refund()->id;
    rows()->refund_count = rows()->key_count = 0;
    rows()->call_count = rows()->ledger_count = 1;
    last_payment()->facts.refunded_minor = last_payment()->refund_held_minor = 0;
    last_payment()->status = PAYMENT_COMPLETED;
    given_the_webhook(refund_event("evt_9", last_payment(), id.text, "re_2", 3000, REFUND_SUCCEEDED),
                      WEBHOOK_APPLIED);
    assert_string_equal(last_refund()->id.text, id.text);
    assert_int_equal(last_refund()->origin, REFUND_BY_API);

    answer = refund_answer(3000, "k1");
    assert_int_equal(answer.http_status, 201);
    assert_body_has(&answer, "3000 succeeded");
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(fake_provider_refunded_minor(), 3000);
}

static void a_key_after_its_purge_tells_how_its_refund_stands(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_will(FAKE_SAYS_PENDING);
    refund_answer(3000, "k1");
    given_the_webhook(refund_event("evt_9", last_payment(), last_refund()->id.text, "re_2", 3000,
                                   REFUND_SUCCEEDED), WEBHOOK_APPLIED);
    rows()->key_count = 0;
    answer = refund_answer(0, "k1");

    assert_int_equal(answer.http_status, 201);
    assert_body_has(&answer, "3000 succeeded");
    assert_int_equal(rows()->refund_count, 1);
}

static void a_key_too_old_for_the_provider_is_not_sent_again(void **state)
{
    int calls;
    (void) state;

    fake_provider_will(FAKE_HANGS);
    refund_answer(3000, "k1");
    calls = fake_provider_call_count();
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);

    assert_int_equal(refund_answer(3000, "k1").http_status, 202);
    assert_true(fake_provider_call_count() == calls);
}

static void the_repeat_of_a_running_refund_waits(void **state)
{
    struct refund_payment command = refund_command(3000, a_refund_key("k1", "f3000"));
    struct answer answer;
    bool survived;
    (void) state;

    survived = SURVIVES(6, refund_payment(given_a_request_of_an_admin(), &command, &answer));
    assert_false(survived);
    fake_store_reconnect(the_store);
    command.key = a_refund_key("k1", "f3000");

    assert_int_equal(refund_payment(given_a_request_of_an_admin(), &command, &answer)->type,
                     PROBLEM_REQUEST_IN_PROGRESS);
}

/* Keys are each principal's own, but a payment's refund of that key is one. */
static void another_admin_with_that_key_waits_for_the_call_under_way(void **state)
{
    struct refund_payment command = refund_command(3000, a_refund_key("k1", "f3000"));
    struct idempotency_key other = *a_refund_key("k1", "f3000");
    struct answer answer;
    bool survived;
    int calls;
    (void) state;

    survived = SURVIVES(6, refund_payment(given_a_request_of_an_admin(), &command, &answer));
    assert_false(survived);
    fake_store_reconnect(the_store);
    calls = fake_provider_call_count();
    other.principal = "another";
    command.key = &other;
    assert_null(refund_payment(given_a_request_of_an_admin(), &command, &answer));

    assert_int_equal(answer.http_status, 202);
    assert_int_equal(rows()->refund_count, 1);
    assert_true(fake_provider_call_count() == calls);
}

/* --- Against the webhook ------------------------------------------------------------------- */

static void tell_of_the_refund(void *unused)
{
    (void) unused;
    given_the_webhook(refund_event("evt_9", last_payment(), last_refund()->id.text, "re_2", 3000,
                                   REFUND_SUCCEEDED), WEBHOOK_APPLIED);
}

static void a_webhook_before_the_answer_is_believed_whatever_the_answer(void **state)
{
    static const enum fake_reaction reactions[] = { FAKE_ANSWERS, FAKE_LOSES_ITS_ANSWER,
                                                    FAKE_REJECTS, FAKE_IS_DOWN };
    (void) state;

    for (size_t i = 0; i < 4; i++) {
        struct answer answer;

        given_a_paid_payment();
        fake_provider_will(reactions[i]);
        fake_provider_during_call(tell_of_the_refund, NULL);
        answer = refund_answer(3000, "k1");

        assert_int_equal(answer.http_status, 201);
        assert_body_has(&answer, "3000 succeeded");
        assert_int_equal(rows()->ledger_count, 2);
        assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_REFUND_SUCCEEDED), 1);
        fake_store_check_invariants(the_store);
    }
}

/* --- Lists --------------------------------------------------------------------------------- */

static void the_owner_and_an_admin_see_the_refunds(void **state)
{
    struct payment_id id = last_payment()->id;
    struct refund *refunds;
    int count;
    (void) state;

    refund_answer(3000, "k1");
    refund_answer(1000, "k2");

    assert_null(list_refunds(given_a_request_of("alice"), id, &refunds, &count));
    assert_int_equal(count, 2);
    assert_int_equal(refunds[0].amount.minor, 3000);
    assert_null(list_refunds(given_a_request_of_an_admin(), id, &refunds, &count));
    assert_int_equal(count, 2);
    assert_int_equal(list_refunds(given_a_request_of("bob"), id, &refunds, &count)->type,
                     PROBLEM_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_a_paid_payment, tear_down_checked)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_an_amount_all_goes_back),
        TEST(many_parts_make_the_whole),
        TEST(a_refund_that_is_pending_holds_its_amount),
        TEST(a_refund_that_fails_at_once_frees_its_amount),
        TEST(more_than_is_left_is_refused_with_what_is_left),
        TEST(another_currency_is_refused),
        TEST(what_cannot_be_read_leaves_the_key_unused),
        TEST(what_is_fully_refunded_is_refused),
        TEST(what_is_held_whole_by_pending_refunds_is_refused),
        TEST(what_was_not_captured_is_refused_with_its_status),
        TEST(a_payment_that_is_not_there_is_not_found),
        TEST(an_unknown_outcome_is_202_and_the_repeat_finds_one_refund),
        TEST(what_was_not_executed_is_resumed_by_the_same_key),
        TEST(a_refusal_frees_the_amount),
        TEST(refunds_that_we_did_not_know_are_learned_from_the_refusal),
        TEST(a_refund_of_another_amount_is_a_question_for_a_human),
        TEST(what_another_refunded_since_the_peek_is_not_left),
        TEST(a_key_that_another_used_since_the_peek_gives_its_answer),
        TEST(what_was_told_since_the_peek_is_not_called_for_again),
        TEST(who_was_overtaken_once_is_not_overtaken_again),
        TEST(a_replay_begins_no_transaction),
        TEST(the_same_key_gives_the_same_bytes),
        TEST(a_key_is_bound_to_its_refund_for_ever),
        TEST(a_key_whose_refund_was_lost_sends_the_same_request),
        TEST(a_key_whose_refund_came_back_by_an_event_finds_it),
        TEST(a_key_after_its_purge_tells_how_its_refund_stands),
        TEST(a_key_too_old_for_the_provider_is_not_sent_again),
        TEST(the_repeat_of_a_running_refund_waits),
        TEST(another_admin_with_that_key_waits_for_the_call_under_way),
        TEST(a_webhook_before_the_answer_is_believed_whatever_the_answer),
        TEST(the_owner_and_an_admin_see_the_refunds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
