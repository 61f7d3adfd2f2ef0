/* checkout_order: intent, call, outcome; and every answer a provider may give. */
#include "application/queries.h"
#include "given.h"

#include <stdio.h>
#include <string.h>

static const struct money price = { 9999, "USD" };

static struct fake_tables *rows(void)
{
    return fake_store_tables(the_store);
}

static int set_up_an_order(void **state)
{
    set_up_world(state);
    given_an_order("abc-123", "alice", price);
    return 0;
}

static void check_world(void)
{
    fake_store_check_invariants(the_store);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
}

static int tear_down_checked(void **state)
{
    check_world();
    return tear_down_world(state);
}

/* --- The ordinary way ---------------------------------------------------------------------- */

static void look_at_the_intent(void *seen)
{
    *(struct payment *) seen = *last_payment();
    assert_int_equal(rows()->call_count, 1);
    assert_false(rows()->calls[0].finished);
    assert_string_equal(rows()->calls[0].body, fake_provider_object(0)->body);
    assert_string_equal(rows()->calls[0].idempotency_key, fake_provider_object(0)->key);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_CREATED), 1);
    assert_int_equal(fake_store_count_audits(the_store, "payment.created"), 1);
    assert_string_equal(rows()->keys[0].payment_id.text, last_payment()->id.text);
}

static void the_intent_and_its_frozen_request_are_durable_before_the_call(void **state)
{
    struct payment seen = { .id = { "" } };
    (void) state;

    fake_provider_during_call(look_at_the_intent, &seen);
    checkout_answer("alice", "abc-123", a_key("k1"));

    assert_string_equal(seen.id.text, last_payment()->id.text);
    assert_int_equal(seen.status, PAYMENT_PENDING);
}

static void a_checkout_answers_201_with_the_page_to_pay_on(void **state)
{
    struct answer answer;
    const struct payment *payment;
    (void) state;

    answer = checkout_answer("alice", "abc-123", NULL);

    payment = last_payment();
    assert_int_equal(answer.http_status, 201);
    assert_body_has(&answer, "processing url=https://pay.example/cs_1");
    assert_int_equal(payment->status, PAYMENT_PROCESSING);
    assert_string_equal(payment->provider_ref, "cs_1");
    assert_true(money_equal(payment->amount, price));
    assert_int_equal(payment->expires_at_ms, NOW_MS + CHECKOUT_TTL_S * 1000);
    assert_string_equal(payment->owner_id, "alice");
    assert_true(rows()->calls[0].finished);
    assert_int_equal(fake_store_count_answers(the_store, "checkout"), 1);
    assert_int_equal(fake_store_count_audits(the_store, "call.checkout"), 0);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_PROCESSING), 1);
}

static void an_answer_that_changes_nothing_has_a_row_of_its_own(void **state)
{
    (void) state;

    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(fake_store_count_answers(the_store, "checkout"), 0);
    assert_int_equal(fake_store_count_audits(the_store, "call.checkout"), 1);
}

static void a_checkout_takes_two_transactions(void **state)
{
    int before;
    (void) state;

    before = fake_store_begin_count(the_store);
    checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(fake_store_begin_count(the_store) - before, 2);
}

static const char *with_the_id(const char *before, const char *after)
{
    return arena_printf(the_arena, "%s%s%s", before, last_payment()->id.text, after);
}

static void the_page_gets_what_the_client_asked_for_else_what_we_know(void **state)
{
    struct checkout_order command = {
        .order_id = { "abc-123" }, .currency = "USD", .provider = "paystack",
        .return_url = "https://r.example", .cancel_url = "", .customer_email = "a@example.com",
    };
    struct answer answer;
    (void) state;

    assert_null(checkout_order(given_a_request_of("alice"), &command, &answer));

    assert_non_null(strstr(fake_provider_object(0)->body, with_the_id(" a@example.com https://r.example"
                           " https://shop.example/checkout/cancelled?payment=", "")));
    assert_string_equal(last_payment()->provider, "paystack");
}

static void without_pages_of_the_shop_the_payer_comes_back_to_ours(void **state)
{
    (void) state;
    checkout_answer("alice", "abc-123", NULL);

    assert_non_null(strstr(fake_provider_object(0)->body,
                           with_the_id(" https://shop.example/checkout/return?payment=", " ")));
}

/* --- Refused before a payment is made ------------------------------------------------------ */

static void assert_refused_without_a_payment(const struct answer *answer, enum problem_type type)
{
    assert_int_equal(answer->problem->type, type);
    assert_int_equal(answer->http_status, problem_kind(type)->http_status);
    assert_int_equal(payment_count(), 0);
    assert_int_equal(fake_provider_call_count(), 0);
}

static void an_order_that_is_not_there_is_not_found(void **state)
{
    struct answer answer;
    (void) state;

    answer = checkout_answer("alice", "nothing", NULL);
    assert_refused_without_a_payment(&answer, PROBLEM_NOT_FOUND);
}

static void somebody_elses_order_answers_exactly_like_a_missing_one(void **state)
{
    struct answer missing, others;
    (void) state;

    missing = checkout_answer("bob", "nothing", NULL);
    others = checkout_answer("bob", "abc-123", NULL);

    assert_refused_without_a_payment(&others, PROBLEM_NOT_FOUND);
    assert_true(bytes_equal(missing.body, others.body));
}

static void another_currency_than_the_orders_is_refused(void **state)
{
    struct checkout_order command = {
        .order_id = { "abc-123" }, .currency = "EUR", .provider = "", .return_url = "",
        .cancel_url = "", .customer_email = "",
    };
    struct answer answer;
    (void) state;

    assert_null(checkout_order(given_a_request_of("alice"), &command, &answer));

    assert_refused_without_a_payment(&answer, PROBLEM_VALIDATION_FAILED);
    assert_string_equal(answer.problem->fields[0].pointer, "#/currency");
}

static void a_provider_that_is_not_configured_is_refused(void **state)
{
    struct checkout_order command = {
        .order_id = { "abc-123" }, .currency = "", .provider = "piggybank", .return_url = "",
        .cancel_url = "", .customer_email = "",
    };
    struct answer answer;
    const struct problem *problem;
    (void) state;

    problem = checkout_order(given_a_request_of("alice"), &command, &answer);

    assert_int_equal(problem->type, PROBLEM_VALIDATION_FAILED);
    assert_string_equal(problem->fields[0].pointer, "#/provider");
    assert_int_equal(payment_count(), 0);
}

static void an_amount_the_provider_does_not_take_leaves_no_payment(void **state)
{
    struct answer answer;
    (void) state;

    given_an_order("cheap", "alice", (struct money) { 49, "USD" });
    answer = checkout_answer("alice", "cheap", NULL);

    assert_refused_without_a_payment(&answer, PROBLEM_INVALID_AMOUNT);
}

/* --- A second checkout --------------------------------------------------------------------- */

static void a_second_checkout_answers_200_with_the_live_payment(void **state)
{
    struct answer first, second;
    (void) state;

    first = checkout_answer("alice", "abc-123", NULL);
    second = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(second.http_status, 200);
    assert_true(bytes_equal(first.body, second.body));
    assert_int_equal(payment_count(), 1);
    assert_int_equal(fake_provider_call_count(), 1);
}

static void check_out_again(void *answer)
{
    *(struct answer *) answer = checkout_answer("alice", "abc-123", NULL);
}

static void a_second_checkout_during_the_call_is_told_to_ask_again(void **state)
{
    struct answer first, second;
    (void) state;

    fake_provider_during_call(check_out_again, &second);
    first = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(first.http_status, 201);
    assert_int_equal(second.http_status, 202);
    assert_int_equal(second.retry_after_s, 5);
    assert_int_equal(fake_provider_call_count(), 1);
    assert_int_equal(payment_count(), 1);
}

static void a_paid_order_is_not_charged_again(void **state)
{
    struct answer answer;
    (void) state;

    checkout_answer("alice", "abc-123", NULL);
    given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);

    answer = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(answer.http_status, 409);
    assert_int_equal(answer.problem->type, PROBLEM_PAYMENT_ALREADY_PROCESSED);
    assert_int_equal(fake_provider_call_count(), 1);
    assert_int_equal(payment_count(), 1);
}

static void given_a_failed_attempt(void)
{
    set_up_an_order(NULL);
    checkout_answer("alice", "abc-123", a_key("k1"));
    given_the_webhook(progress_event("evt_1", last_payment(), PROGRESS_FAILED, NOW_MS / 1000 + 1),
                      WEBHOOK_APPLIED);
}

static void a_payer_who_may_try_again_keeps_the_payment(void **state)
{
    struct answer answer;
    (void) state;

    for (int with_key = 0; with_key <= 1; with_key++) {
        given_a_failed_attempt();

        answer = checkout_answer("alice", "abc-123", with_key ? a_key("k2") : NULL);

        assert_int_equal(answer.http_status, 200);
        assert_body_has(&answer, "failed url=https://pay.example/cs_1");
        assert_int_equal(fake_provider_call_count(), 2);
        assert_int_equal(payment_count(), 1);
        check_world();
    }
}

/* Of a failed debit the attempt is told first, the end of its page in an event of its own. */
static void a_page_that_ended_with_its_attempt_is_not_given_out_again(void **state)
{
    struct answer answer;
    (void) state;

    for (int with_key = 0; with_key <= 1; with_key++) {
        given_a_failed_attempt();
        fake_provider_object(0)->state = FAKE_OVER;

        answer = checkout_answer("alice", "abc-123", with_key ? a_key("k2") : NULL);

        assert_int_equal(answer.http_status, 201);
        assert_body_has(&answer, "processing url=https://pay.example/cs_2");
        assert_int_equal(payment_count(), 2);
        assert_int_equal(fake_provider_open_count(), 1);
        check_world();
    }
}

static void an_attempt_that_succeeded_unheard_of_is_not_followed_by_another(void **state)
{
    struct answer answer;
    (void) state;

    given_a_failed_attempt();
    fake_provider_object(0)->state = FAKE_PAID;

    answer = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(answer.http_status, 409);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(payment_count(), 1);
}

static void the_page_is_given_out_as_known_when_nobody_can_be_asked(void **state)
{
    static const enum fake_reaction reactions[] = { FAKE_IS_DOWN, FAKE_HANGS, FAKE_FAILS };
    struct answer answer;
    (void) state;

    for (size_t i = 0; i < sizeof(reactions) / sizeof(reactions[0]); i++) {
        given_a_failed_attempt();
        fake_provider_will(reactions[i]);

        answer = checkout_answer("alice", "abc-123", NULL);

        assert_int_equal(answer.http_status, 200);
        assert_body_has(&answer, "failed url=https://pay.example/cs_1");
        check_world();
    }
}

static void an_expired_checkout_frees_the_order(void **state)
{
    struct answer answer;
    (void) state;

    checkout_answer("alice", "abc-123", NULL);
    given_the_webhook(closed_event("evt_1", last_payment(), PAYMENT_CLOSED_EXPIRED),
                      WEBHOOK_APPLIED);
    assert_string_equal(last_payment()->checkout_url, "");

    answer = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(answer.http_status, 201);
    assert_int_equal(payment_count(), 2);
}

/* --- What the provider says ---------------------------------------------------------------- */

static void a_refused_payment_is_over_and_the_order_can_be_paid_anew(void **state)
{
    struct answer refused, anew;
    (void) state;

    fake_provider_will(FAKE_REFUSES);
    refused = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(refused.http_status, 402);
    assert_int_equal(last_payment()->status, PAYMENT_FAILED);
    assert_false(payment_is_open(&last_payment()->facts));
    assert_string_equal(last_payment()->facts.snapshot.failure_code, "card_declined");
    assert_string_equal(last_payment()->facts.snapshot.failure_reason, "Your card was declined.");
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_FAILED), 1);

    anew = checkout_answer("alice", "abc-123", NULL);
    assert_int_equal(anew.http_status, 201);
    assert_int_equal(payment_count(), 2);
    assert_int_equal(fake_provider_object_count(), 1);
}

static void a_refusal_is_the_answer_of_its_key(void **state)
{
    struct answer first, second;
    (void) state;

    fake_provider_will(FAKE_REFUSES);
    first = checkout_answer("alice", "abc-123", a_key("k1"));
    second = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(second.http_status, 402);
    assert_true(bytes_equal(first.body, second.body));
    assert_true(second.replayed);
    assert_int_equal(fake_provider_call_count(), 1);
}

static void a_request_of_ours_that_was_wrong_frees_the_order_and_the_key(void **state)
{
    struct answer first, second;
    (void) state;

    fake_provider_will(FAKE_REJECTS);
    first = checkout_answer("alice", "abc-123", a_key("k1"));
    second = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(first.http_status, 502);
    assert_int_equal(second.http_status, 201);
    assert_int_equal(payment_count(), 2);
    assert_string_equal(rows()->keys[0].payment_id.text, last_payment()->id.text);
}

static bool order_shows_a_payment(void)
{
    struct payment payment;

    return get_payment_status(given_a_request_of("alice"), "abc-123", &payment) == OK;
}

static void what_the_caller_can_correct_leaves_nothing_that_is_shown(void **state)
{
    (void) state;

    fake_provider_will(FAKE_REFUSES_THE_ADDRESS);
    assert_int_equal(checkout_answer("alice", "abc-123", a_key("k1")).http_status, 422);
    assert_true(last_payment()->not_begun);
    assert_int_equal(last_payment()->status, PAYMENT_FAILED);
    assert_false(order_shows_a_payment());

    assert_int_equal(checkout_answer("alice", "abc-123", a_key("k2")).http_status, 201);
    assert_true(order_shows_a_payment());
}

static void what_the_caller_was_told_of_before_stays_shown(void **state)
{
    (void) state;

    fake_provider_will(FAKE_IS_DOWN);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 202);
    fake_provider_will(FAKE_REFUSES_THE_ADDRESS);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 422);

    assert_false(last_payment()->not_begun);
    assert_true(order_shows_a_payment());
}

static void an_unknown_outcome_answers_202_and_stays_pending(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    answer = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(answer.http_status, 202);
    assert_int_equal(answer.retry_after_s, 5);
    assert_body_has(&answer, "pending url=");
    assert_int_equal(last_payment()->status, PAYMENT_PENDING);
    assert_false(rows()->calls[0].finished);
    assert_false(rows()->keys[0].done);
}

/* Down, busy, our key refused, answer lost, hanging: the repeat sends the same bytes again. */
static void the_repeat_goes_on_with_the_same_frozen_request(void **state)
{
    static const struct { enum fake_reaction reaction; enum problem_type logged; } cases[] = {
        { FAKE_IS_DOWN,          PROBLEM_PROVIDER_UNAVAILABLE },
        { FAKE_IS_BUSY,          PROBLEM_PROVIDER_BUSY },
        { FAKE_REFUSES_OUR_KEY,  PROBLEM_PROVIDER_MISCONFIGURED },
        { FAKE_LOSES_ITS_ANSWER, PROBLEM_PROVIDER_TIMEOUT },
        { FAKE_HANGS,            PROBLEM_PROVIDER_TIMEOUT },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int with_key = 0; with_key <= 1; with_key++) {
            struct answer first, second;

            set_up_an_order(NULL);
            fake_provider_will(cases[i].reaction);
            first = checkout_answer("alice", "abc-123", with_key ? a_key("k1") : NULL);
            assert_int_equal(first.http_status, 202);
            assert_int_equal(first.problem->type, cases[i].logged);
            assert_int_equal(last_payment()->status, PAYMENT_PENDING);

            given_time_passes(100);     /* expires_at of a fresh request would be another one */
            second = checkout_answer("alice", "abc-123", with_key ? a_key("k1") : NULL);
            assert_int_equal(second.http_status, with_key ? 201 : 200);
            assert_body_has(&second, "url=https://pay.example/cs_1");
            assert_int_equal(payment_count(), 1);
            assert_int_equal(fake_provider_key_count(), 1);
            assert_int_equal(fake_provider_call_count(), 2);
            assert_int_equal(fake_provider_object_count(), 1);
            assert_int_equal(rows()->calls[0].attempts, 2);
            check_world();
        }
}

static void busy_tells_when_to_come_again(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_will(FAKE_IS_BUSY);
    answer = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(answer.retry_after_s, 7);
}

/* The first try took effect: whatever befalls the repeat, it says nothing of that. */
static void a_repeat_of_what_may_be_done_never_says_that_nothing_was(void **state)
{
    static const enum fake_reaction befell[] = { FAKE_IS_DOWN, FAKE_IS_BUSY, FAKE_REFUSES_OUR_KEY };
    (void) state;

    for (size_t i = 0; i < 3; i++) {
        struct answer repeat;

        set_up_an_order(NULL);
        fake_provider_will(FAKE_LOSES_ITS_ANSWER);
        checkout_answer("alice", "abc-123", NULL);
        given_time_passes(10);
        fake_provider_will(befell[i]);
        repeat = checkout_answer("alice", "abc-123", NULL);
        assert_int_equal(repeat.http_status, 202);
        assert_body_has(&repeat, "pending");
        assert_true(rows()->calls[0].maybe_executed);
    }
}

static void a_request_too_old_for_its_provider_key_is_not_sent_again(void **state)
{
    (void) state;

    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    checkout_answer("alice", "abc-123", NULL);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S);
    fake_provider_will(FAKE_HANGS);             /* the look */

    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 202);
    assert_int_equal(last_payment()->status, PAYMENT_PENDING);
    checkout_answer("alice", "abc-123", NULL);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_int_equal(fake_provider_object(0)->requests, 1);
}

static void a_request_just_young_enough_is_sent_again(void **state)
{
    (void) state;

    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    checkout_answer("alice", "abc-123", NULL);
    given_time_passes(PROVIDER_KEY_RETRY_MAX_S - 1);

    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 200);
    assert_int_equal(fake_provider_object_count(), 1);
}

static void another_amount_needs_review_and_gives_no_page(void **state)
{
    struct answer first, second;
    (void) state;

    fake_provider_will(FAKE_NAMES_ANOTHER_AMOUNT);
    first = checkout_answer("alice", "abc-123", NULL);
    second = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(first.http_status, 202);
    assert_string_equal(last_payment()->checkout_url, "");
    assert_true(last_payment()->needs_review);
    assert_true(last_payment()->facts.mismatch);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);
    assert_int_equal(payment_count(), 1);
    assert_body_has(&second, "review url=");
    assert_int_equal(fake_provider_object_count(), 1);
}

static void a_page_that_is_paid_already_completes_the_payment(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_will(FAKE_SAYS_PAID);
    answer = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(answer.http_status, 201);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_string_equal(last_payment()->checkout_url, "");
}

/* --- Webhooks meanwhile -------------------------------------------------------------------- */

static void pay_meanwhile(void *unused)
{
    (void) unused;
    given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
}

static void a_webhook_may_come_before_our_own_outcome(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_during_call(pay_meanwhile, NULL);
    answer = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(answer.http_status, 201);
    assert_body_has(&answer, "completed url=");
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_string_equal(last_payment()->provider_ref, "cs_1");
    assert_string_equal(last_payment()->checkout_url, "");
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
}

/* Whatever this call brought: the money is there, and "nothing was charged" would be a lie. */
static void a_payment_that_was_paid_meanwhile_is_the_answer(void **state)
{
    static const enum fake_reaction reactions[] = { FAKE_LOSES_ITS_ANSWER, FAKE_REFUSES,
                                                    FAKE_REJECTS, FAKE_IS_BUSY };
    (void) state;

    for (size_t i = 0; i < sizeof(reactions) / sizeof(reactions[0]); i++) {
        struct answer answer;

        set_up_an_order(NULL);
        fake_provider_will(reactions[i]);
        fake_provider_during_call(pay_meanwhile, NULL);
        answer = checkout_answer("alice", "abc-123", a_key("k1"));

        assert_int_equal(answer.http_status, 201);
        assert_body_has(&answer, "completed url=");
        assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
        assert_int_equal(last_payment()->facts.closed, PAYMENT_OPEN);
        check_world();
    }
}

static void act_meanwhile(void *unused)
{
    (void) unused;
    given_the_webhook(progress_event("evt_1", last_payment(), PROGRESS_REQUIRES_ACTION,
                                     NOW_MS / 1000), WEBHOOK_APPLIED);
}

/* The payer is on a page of an earlier attempt: freeing the order would offer a second one. */
static void a_refusal_does_not_close_an_object_that_others_told_us_of(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_will(FAKE_REFUSES);
    fake_provider_during_call(act_meanwhile, NULL);
    answer = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(answer.http_status, 202);
    assert_true(payment_is_open(&last_payment()->facts));
    assert_int_equal(last_payment()->status, PAYMENT_REQUIRES_ACTION);
    checkout_answer("alice", "abc-123", NULL);
    assert_int_equal(payment_count(), 1);
}

static void a_paid_payment_answers_its_own_key_with_itself(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_will(FAKE_LOSES_ITS_ANSWER);
    checkout_answer("alice", "abc-123", a_key("k1"));
    pay_meanwhile(NULL);

    answer = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(answer.http_status, 201);
    assert_body_has(&answer, "completed");
    assert_int_equal(fake_provider_call_count(), 1);
}

static void a_late_success_completes_an_expired_payment(void **state)
{
    (void) state;

    checkout_answer("alice", "abc-123", NULL);
    given_the_webhook(closed_event("evt_1", last_payment(), PAYMENT_CLOSED_EXPIRED),
                      WEBHOOK_APPLIED);
    given_the_webhook(captured_event("evt_2", last_payment()), WEBHOOK_APPLIED);

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_false(last_payment()->surplus);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 409);
}

/* A page that is closed and one that is open, of one order. */
static void given_two_pages(void **state, struct payment **first_out, struct payment **second_out)
{
    set_up_an_order(state);
    checkout_answer("alice", "abc-123", NULL);
    given_the_webhook(closed_event("evt_1", last_payment(), PAYMENT_CLOSED_EXPIRED),
                      WEBHOOK_APPLIED);
    checkout_answer("alice", "abc-123", NULL);
    *first_out = &rows()->payments[0];
    *second_out = &rows()->payments[1];
}

static void a_late_success_is_surplus_when_another_payment_has_the_orders_money(void **state)
{
    struct payment *first, *second;

    given_two_pages(state, &first, &second);
    given_the_webhook(captured_event("evt_2", second), WEBHOOK_APPLIED);
    given_the_webhook(captured_event("evt_3", first), WEBHOOK_APPLIED);

    assert_true(first->surplus);
    assert_true(first->needs_review);
    assert_int_equal(first->status, PAYMENT_COMPLETED);
    assert_int_equal(rows()->ledger_count, 2);
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
    check_world();
}

static void a_late_success_pays_the_order_while_the_other_page_is_merely_open(void **state)
{
    struct payment *first, *second;

    given_two_pages(state, &first, &second);
    given_the_webhook(captured_event("evt_2", first), WEBHOOK_APPLIED);

    assert_false(first->surplus);
    assert_int_equal(first->status, PAYMENT_COMPLETED);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(rows()->refund_count, 0);
    assert_true(second->surplus);
    assert_string_equal(second->checkout_url, "");
    assert_int_equal(fake_store_count_audits(the_store, "gave_way"), 1);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 409);

    given_the_webhook(captured_event("evt_3", second), WEBHOOK_APPLIED);    /* paid all the same */
    assert_int_equal(rows()->refund_count, 1);
    assert_string_equal(rows()->refunds[0].payment_id.text, second->id.text);
    assert_true(second->needs_review);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
    check_world();
}

static void too_little_late_money_takes_no_order_over(void **state)
{
    struct payment *first, *second;
    struct provider_event event;

    given_two_pages(state, &first, &second);
    event = captured_event("evt_2", first);
    event.payment.facts.captured_minor = event.payment.amount_minor = 6000;
    given_the_webhook(event, WEBHOOK_APPLIED);

    assert_true(first->surplus);
    assert_false(second->surplus);
    assert_true(payment_is_open(&second->facts));
    assert_int_equal(the_order("abc-123")->status, ORDER_OPEN);
    check_world();
}

static void take_over(void *answer)
{
    given_time_passes(IDEMPOTENCY_LEASE_S + 1);
    *(struct answer *) answer = checkout_answer("alice", "abc-123", a_key("k1"));
}

/* --- A rival between the peek and the write -------------------------------------------------- */

static void what_another_opened_since_the_peek_is_the_answer(void **state)
{
    struct answer answer, rivals;
    (void) state;

    for (int with_key = 0; with_key <= 1; with_key++) {
        set_up_an_order(NULL);
        fake_store_after_peek(the_store, check_out_again, &rivals);
        answer = checkout_answer("alice", "abc-123", with_key ? a_key("k1") : NULL);

        assert_int_equal(rivals.http_status, 201);
        assert_int_equal(answer.http_status, 200);
        assert_int_equal(payment_count(), 1);
        assert_int_equal(fake_provider_call_count(), 1);
        check_world();
    }
}

static void a_key_that_another_used_since_the_peek_gives_its_answer(void **state)
{
    struct answer answer, rivals;
    (void) state;

    fake_store_after_peek(the_store, take_over, &rivals);
    answer = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(rivals.http_status, 201);
    assert_true(answer.replayed);
    assert_true(bytes_equal(answer.body, rivals.body));
    assert_int_equal(payment_count(), 1);
    assert_int_equal(fake_provider_call_count(), 1);
}

static void set_label(void *unused)
{
    (void) unused;
    fake_store_tables(the_store)->orders[0].updated_at_ms++;
}

static void an_order_that_changed_since_the_peek_is_read_again(void **state)
{
    (void) state;

    fake_store_after_peek(the_store, set_label, NULL);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
    assert_int_equal(fake_store_repeat_count(the_store), 1);
}

static void give_to_bob(void *unused)
{
    (void) unused;
    snprintf(fake_store_tables(the_store)->orders[0].owner_id, OWNER_ID_MAX, "bob");
}

static void an_order_that_went_to_another_owner_since_the_peek_is_not_found(void **state)
{
    (void) state;

    fake_store_after_peek(the_store, give_to_bob, NULL);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 404);
    assert_int_equal(payment_count(), 0);
    assert_int_equal(fake_provider_call_count(), 0);
}

/* The call that would be made again belongs to a payment that is paid by then. */
static void what_was_paid_since_the_peek_is_not_called_for_again(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_will(FAKE_IS_DOWN);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 202);
    fake_store_after_peek(the_store, pay_meanwhile, NULL);
    answer = checkout_answer("alice", "abc-123", NULL);

    assert_int_equal(answer.http_status, 409);
    assert_int_equal(answer.problem->type, PROBLEM_PAYMENT_ALREADY_PROCESSED);
    assert_int_equal(fake_provider_call_count(), 1);
}

static void change_at_each_peek(void *unused)
{
    set_label(unused);
    fake_store_after_peek(the_store, change_at_each_peek, unused);
}

/* The repeat locks before it peeks: there is no moment left between its peek and its write. */
static void who_was_overtaken_once_is_not_overtaken_again(void **state)
{
    (void) state;

    fake_store_after_peek(the_store, change_at_each_peek, NULL);
    assert_int_equal(checkout_answer("alice", "abc-123", a_key("k1")).http_status, 201);
    assert_int_equal(fake_store_repeat_count(the_store), 1);
}

static void what_changes_nothing_begins_no_transaction(void **state)
{
    int begun;
    (void) state;

    checkout_answer("alice", "abc-123", a_key("k1"));
    begun = fake_store_begin_count(the_store);
    assert_true(checkout_answer("alice", "abc-123", a_key("k1")).replayed);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 200);
    assert_int_equal(checkout_answer("bob", "abc-123", NULL).http_status, 404);
    assert_int_equal(fake_store_begin_count(the_store), begun);
}

/* --- Idempotency keys ---------------------------------------------------------------------- */

static void the_same_key_gives_the_first_answer_byte_for_byte(void **state)
{
    struct answer first, second;
    (void) state;

    first = checkout_answer("alice", "abc-123", a_key("k1"));
    given_the_webhook(captured_event("evt_1", last_payment()), WEBHOOK_APPLIED);
    second = checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(second.http_status, 201);
    assert_true(bytes_equal(first.body, second.body));
    assert_false(first.replayed);
    assert_true(second.replayed);
    assert_int_equal(fake_provider_call_count(), 1);
}

static void the_same_key_for_another_request_is_refused(void **state)
{
    struct idempotency_key other = *a_key("k1");
    struct answer answer;
    (void) state;

    checkout_answer("alice", "abc-123", a_key("k1"));
    other.fingerprint = "f2";

    assert_int_equal(check_out(given_a_request_of("alice"), "abc-123", &other, &answer)->type,
                     PROBLEM_IDEMPOTENCY_KEY_REUSED);
}

static void repeat_the_key(void *problem)
{
    struct answer answer;

    *(const struct problem **) problem = check_out(given_a_request_of("alice"), "abc-123",
                                                   a_key("k1"), &answer);
}

static void a_key_that_is_running_answers_409_with_retry_after(void **state)
{
    const struct problem *problem = OK;
    (void) state;

    fake_provider_during_call(repeat_the_key, &problem);
    checkout_answer("alice", "abc-123", a_key("k1"));

    assert_int_equal(problem->type, PROBLEM_REQUEST_IN_PROGRESS);
    assert_int_equal(problem->retry_after_s, 1);
    assert_int_equal(fake_provider_call_count(), 1);
}

static void a_refusal_before_work_is_kept_with_its_key(void **state)
{
    struct answer first, second;
    (void) state;

    first = checkout_answer("alice", "nothing", a_key("k1"));
    given_an_order("nothing", "alice", price);
    second = checkout_answer("alice", "nothing", a_key("k1"));

    assert_int_equal(first.http_status, 404);
    assert_int_equal(second.http_status, 404);
    assert_true(second.replayed);
}

static void another_key_gets_the_live_payment(void **state)
{
    struct answer first, second;
    (void) state;

    first = checkout_answer("alice", "abc-123", a_key("k1"));
    second = checkout_answer("alice", "abc-123", a_key("k2"));

    assert_int_equal(second.http_status, 200);
    assert_true(bytes_equal(first.body, second.body));
    assert_false(second.replayed);
    assert_int_equal(payment_count(), 1);
}

/* The first runner was only slow. Its successor's answer stands; the fence stops the first one. */
static void a_runner_whose_key_was_taken_over_writes_nothing(void **state)
{
    struct answer answer, successors;
    const struct problem *problem;
    (void) state;

    fake_provider_during_call(take_over, &successors);
    problem = check_out(given_a_request_of("alice"), "abc-123", a_key("k1"), &answer);

    assert_non_null(problem);
    assert_int_equal(successors.http_status, 201);
    assert_int_equal(rows()->keys[0].answer_status, 201);
    assert_int_equal(payment_count(), 1);
    assert_int_equal(fake_provider_object_count(), 1);
    fake_store_check_invariants(the_store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_an_order, tear_down_checked)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_intent_and_its_frozen_request_are_durable_before_the_call),
        TEST(a_checkout_answers_201_with_the_page_to_pay_on),
        TEST(an_answer_that_changes_nothing_has_a_row_of_its_own),
        TEST(a_checkout_takes_two_transactions),
        TEST(the_page_gets_what_the_client_asked_for_else_what_we_know),
        TEST(without_pages_of_the_shop_the_payer_comes_back_to_ours),
        TEST(an_order_that_is_not_there_is_not_found),
        TEST(somebody_elses_order_answers_exactly_like_a_missing_one),
        TEST(another_currency_than_the_orders_is_refused),
        TEST(a_provider_that_is_not_configured_is_refused),
        TEST(an_amount_the_provider_does_not_take_leaves_no_payment),
        TEST(a_second_checkout_answers_200_with_the_live_payment),
        TEST(a_second_checkout_during_the_call_is_told_to_ask_again),
        TEST(a_paid_order_is_not_charged_again),
        TEST(a_payer_who_may_try_again_keeps_the_payment),
        TEST(a_page_that_ended_with_its_attempt_is_not_given_out_again),
        TEST(an_attempt_that_succeeded_unheard_of_is_not_followed_by_another),
        TEST(the_page_is_given_out_as_known_when_nobody_can_be_asked),
        TEST(an_expired_checkout_frees_the_order),
        TEST(a_refused_payment_is_over_and_the_order_can_be_paid_anew),
        TEST(a_refusal_is_the_answer_of_its_key),
        TEST(a_request_of_ours_that_was_wrong_frees_the_order_and_the_key),
        TEST(what_the_caller_can_correct_leaves_nothing_that_is_shown),
        TEST(what_the_caller_was_told_of_before_stays_shown),
        TEST(an_unknown_outcome_answers_202_and_stays_pending),
        TEST(the_repeat_goes_on_with_the_same_frozen_request),
        TEST(busy_tells_when_to_come_again),
        TEST(a_repeat_of_what_may_be_done_never_says_that_nothing_was),
        TEST(a_request_too_old_for_its_provider_key_is_not_sent_again),
        TEST(a_request_just_young_enough_is_sent_again),
        TEST(another_amount_needs_review_and_gives_no_page),
        TEST(a_page_that_is_paid_already_completes_the_payment),
        TEST(a_webhook_may_come_before_our_own_outcome),
        TEST(a_payment_that_was_paid_meanwhile_is_the_answer),
        TEST(a_refusal_does_not_close_an_object_that_others_told_us_of),
        TEST(a_paid_payment_answers_its_own_key_with_itself),
        TEST(a_late_success_completes_an_expired_payment),
        TEST(a_late_success_is_surplus_when_another_payment_has_the_orders_money),
        TEST(a_late_success_pays_the_order_while_the_other_page_is_merely_open),
        TEST(too_little_late_money_takes_no_order_over),
        TEST(what_another_opened_since_the_peek_is_the_answer),
        TEST(a_key_that_another_used_since_the_peek_gives_its_answer),
        TEST(an_order_that_changed_since_the_peek_is_read_again),
        TEST(an_order_that_went_to_another_owner_since_the_peek_is_not_found),
        TEST(what_was_paid_since_the_peek_is_not_called_for_again),
        TEST(who_was_overtaken_once_is_not_overtaken_again),
        TEST(what_changes_nothing_begins_no_transaction),
        TEST(the_same_key_gives_the_first_answer_byte_for_byte),
        TEST(the_same_key_for_another_request_is_refused),
        TEST(a_key_that_is_running_answers_409_with_retry_after),
        TEST(a_refusal_before_work_is_kept_with_its_key),
        TEST(another_key_gets_the_live_payment),
        cmocka_unit_test_setup_teardown(a_runner_whose_key_was_taken_over_writes_nothing,
                                        set_up_an_order, tear_down_world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
