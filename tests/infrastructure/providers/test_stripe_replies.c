#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "infrastructure/authorship_keys.h"
#include "infrastructure/providers/stripe_fixture.h"

static struct payment payment;
static struct provider_request request;
static struct provider_reply reply;
static struct provider_outcome outcome;

static int set_up(void **state)
{
    fixture_reset(state);
    payment = given_a_payment();
    request = (struct provider_request) { .operation = OP_CHECKOUT, .method = "POST" };
    reply = (struct provider_reply) { .sent = true, .complete = true, .should_retry = -1,
                                      .request_id = "req_1", .error = "" };
    return 0;
}

static struct ctx *a_ctx_with_our_key(void)
{
    static const struct config_list keys = { .items = { "the key of this test has 32 bytes" }, .count = 1 };
    static struct settings settings;
    struct ctx *ctx = given_a_ctx();

    settings.authorship = authorship_new(ctx->arena, &keys);
    ctx->settings = &settings;
    return ctx;
}

static void read_reply(void)
{
    const struct provider *stripe = given_stripe();

    memset(&outcome, 0xa5, sizeof(outcome));
    stripe->read_reply(a_ctx_with_our_key(), stripe, &payment, &request, &reply, &outcome);
    if (outcome.verdict != VERDICT_DONE)
        assert_non_null(outcome.problem);
}

static void read_answer(int http_status, struct bytes body)
{
    reply.http_status = http_status;
    reply.body = body;
    read_reply();
}

static void read_error(int http_status, const char *type, const char *code)
{
    read_answer(http_status,
                given_text("{\"error\":{\"type\":\"%s\",\"code\":\"%s\"}}", type, code));
}

static void assert_verdict(enum provider_verdict verdict, enum problem_type type)
{
    assert_string_equal(provider_verdict_name(outcome.verdict), provider_verdict_name(verdict));
    assert_string_equal(problem_kind(outcome.problem->type)->slug, problem_kind(type)->slug);
}

static void assert_unknown(void)
{
    assert_verdict(VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT);
}

/* --- Success ------------------------------------------------------------------------------- */

static void assert_ours(void)
{
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_null(outcome.problem);
    assert_string_equal(outcome.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(outcome.payment.ref, "cs_test_a1B2c3");
    assert_int_equal(outcome.payment.amount_minor, 9999);
    assert_string_equal(outcome.payment.currency, "USD");
    assert_false(outcome.payment.livemode);
    assert_false(outcome.payment.facts.mismatch);
}

static void an_open_session_is_a_page_to_pay_on(void **state)
{
    const struct payment_facts *facts = &outcome.payment.facts;
    (void) state;

    read_answer(200, given_document("session-open"));

    assert_ours();
    assert_string_equal(outcome.payment.intent, "");
    assert_string_equal(outcome.payment.checkout_url,
        "https://checkout.stripe.com/c/pay/cs_test_a1B2c3#fidkdWxOYHwnPyd1blpxYHZxWjA0");
    assert_int_equal(facts->snapshot.progress, PROGRESS_OPENED);
    assert_int_equal(facts->snapshot.at_s, 1767225600);
    assert_int_equal(facts->captured_minor, 0);
    assert_int_equal(facts->closed, PAYMENT_OPEN);
}

static void a_paid_session_is_money_captured(void **state)
{
    (void) state;

    read_answer(200, given_document("session-paid"));

    assert_ours();
    assert_int_equal(outcome.payment.facts.captured_minor, 9999);
    assert_string_equal(outcome.payment.intent, "pi_3Abc");
    assert_string_equal(outcome.payment.checkout_url, "");
}

static void a_complete_session_that_is_unpaid_is_under_way(void **state)
{
    (void) state;

    read_answer(200, given_document("session-unpaid"));

    assert_ours();
    assert_int_equal(outcome.payment.facts.snapshot.progress, PROGRESS_PROCESSING);
    assert_int_equal(outcome.payment.facts.captured_minor, 0);
}

static void a_complete_session_whose_intent_failed_is_over(void **state)
{
    const struct payment_facts *facts = &outcome.payment.facts;
    (void) state;

    request.operation = OP_RETRIEVE;
    read_answer(200, given_document("session-unpaid-failed"));

    assert_ours();
    assert_int_equal(facts->closed, PAYMENT_CLOSED_FAILED);
    assert_int_equal(facts->snapshot.progress, PROGRESS_FAILED);
    assert_string_equal(facts->snapshot.failure_code, "payment_method_customer_decline");
    assert_string_equal(facts->snapshot.failure_reason, "The payment did not go through.");
}

static void an_expired_session_takes_no_money_any_more(void **state)
{
    (void) state;

    request.operation = OP_EXPIRE;
    read_answer(200, given_document("session-expired"));

    assert_ours();
    assert_int_equal(outcome.payment.facts.closed, PAYMENT_CLOSED_EXPIRED);
    assert_int_equal(outcome.payment.facts.snapshot.progress, PROGRESS_NONE);
}

static void an_expanded_intent_is_read_as_its_id(void **state)
{
    (void) state;

    read_answer(200, given_document("session-paid-expanded"));

    assert_ours();
    assert_string_equal(outcome.payment.intent, "pi_3Abc");
}

static void our_session_is_found_in_a_list(void **state)
{
    (void) state;

    request.operation = OP_RETRIEVE;
    read_answer(200, given_document("session-list"));

    assert_ours();
    assert_int_equal(outcome.payment.facts.captured_minor, 9999);
}

/* --- Looking for it ------------------------------------------------------------------------ */

static void a_lost_session_is_found_in_the_list_of_all(void **state)
{
    (void) state;

    request.operation = OP_FIND;
    read_answer(200, given_document("session-list"));

    assert_ours();
    assert_false(outcome.absent);
}

/* The list with that proof in our session's metadata. */
static struct bytes list_with_proof(const char *proof)
{
    json_t *list = given_json("documents/session-list.json");
    json_t *session = json_array_get(json_object_get(list, "data"), 1);
    char *text;
    struct bytes bytes;

    (void) json_object_set_new(json_object_get(session, "metadata"), "payapi_proof", json_string(proof));
    text = json_dumps(list, JSON_COMPACT);
    bytes = given_text("%s", text);
    free(text);
    return bytes;
}

/* The list is of the whole account, whose other programs may write anything into metadata. */
static void a_session_with_our_id_but_without_our_proof_is_not_ours(void **state)
{
    char proof[AUTHORSHIP_PROOF_MAX];
    (void) state;

    request.operation = OP_FIND;
    payment.authored = true;
    authorship_prove(a_ctx_with_our_key()->settings->authorship, &payment, proof);
    read_answer(200, list_with_proof(proof));
    assert_ours();

    proof[0] = '-';
    read_answer(200, list_with_proof(proof));
    assert_true(outcome.verdict == VERDICT_DONE && outcome.absent);
    read_answer(200, given_document("session-list"));
    assert_true(outcome.verdict == VERDICT_DONE && outcome.absent);
}

static void a_last_page_without_ours_proves_that_it_is_not_there(void **state)
{
    (void) state;

    request.operation = OP_FIND;
    read_answer(200, given_document("session-list-others"));
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_true(outcome.absent);
    assert_string_equal(outcome.find_after, "");

    read_answer(200, given_text("{\"object\":\"list\",\"data\":[],\"has_more\":false}"));
    assert_true(outcome.verdict == VERDICT_DONE && outcome.absent);
}

static void a_page_that_is_not_the_last_says_where_the_next_begins(void **state)
{
    const char *const more[] = { "has_more", NULL };
    (void) state;

    request.operation = OP_FIND;
    read_answer(200, given_document_with("session-list-others", more, "true"));

    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_true(outcome.absent);
    assert_string_equal(outcome.find_after, "cs_test_other");
}

static void nothing_but_a_whole_list_of_sessions_proves_an_absence(void **state)
{
    static const char *const bodies[] = {
        "{\"object\":\"list\",\"data\":[]}",
        "{\"object\":\"list\",\"data\":[],\"has_more\":true}",
        "{\"object\":\"list\",\"data\":[],\"has_more\":\"false\"}",
        "{\"object\":\"list\",\"has_more\":false}",
        "{\"object\":\"list\",\"data\":{},\"has_more\":false}",
        "{\"object\":\"list\",\"data\":[{}],\"has_more\":false}",
        "{\"object\":\"list\",\"data\":[null],\"has_more\":false}",
        "{\"object\":\"list\",\"data\":[{\"object\":\"checkout.session\"}],\"has_more\":false}",
        "{\"object\":\"list\",\"data\":[{\"object\":\"charge\",\"id\":\"ch_1\"}],\"has_more\":false}",
        "{\"data\":[],\"has_more\":false}", "[]", "{}", "null", "", "<html>",
    };
    (void) state;

    request.operation = OP_FIND;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        read_answer(200, given_text("%s", bodies[i]));
        assert_unknown();
        assert_false(outcome.absent);
    }
    reply.complete = false;
    read_answer(200, given_document("session-list-others"));
    assert_unknown();
}

static void ours_in_the_list_without_what_we_need_is_neither_found_nor_absent(void **state)
{
    (void) state;

    request.operation = OP_FIND;
    read_answer(200, given_text("{\"object\":\"list\",\"has_more\":false,\"data\":[{\"object\":"
                                "\"checkout.session\",\"id\":\"cs_1\",\"metadata\":{\"payment_id\":"
                                "\"" FIXTURE_PAYMENT_ID "\"}}]}"));
    assert_unknown();
}

static void a_list_that_answers_another_question_proves_nothing(void **state)
{
    (void) state;

    request.operation = OP_RETRIEVE;
    read_answer(200, given_document("session-list-others"));
    assert_unknown();
    assert_false(outcome.absent);
}

static void a_page_of_another_amount_that_ended_is_over_all_the_same(void **state)
{
    const char *const path[] = { "amount_total", NULL };
    (void) state;

    read_answer(200, given_document_with("session-expired", path, "1"));

    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_true(outcome.payment.facts.mismatch);
    assert_int_equal(outcome.payment.facts.closed, PAYMENT_CLOSED_EXPIRED);
}

static void an_amount_is_read_in_iso_minor_units(void **state)
{
    const char *const path[] = { "currency", NULL };
    (void) state;

    payment.amount = (struct money) { 999900, "MGA" };
    read_answer(200, given_document_with("session-paid", path, "\"mga\""));

    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_int_equal(outcome.payment.facts.captured_minor, 999900);
    assert_string_equal(outcome.payment.currency, "MGA");
}

/* --- 2xx that is no success ---------------------------------------------------------------- */

static void no_cut_session_is_taken_for_one(void **state)
{
    const struct bytes whole = given_document("session-paid");
    (void) state;

    for (size_t size = 0; size < whole.size - 2; size++) {
        read_answer(200, (struct bytes) { whole.data, size });
        assert_unknown();
    }
}

static void bodies_that_are_no_session_are_unknown(void **state)
{
    static const char *const bodies[] = {
        "", "null", "[]", "{}", "true", "9", "\"cs_1\"", "<html></html>", "{\"object\":\"list\"}",
        "{\"object\":\"list\",\"data\":[]}", "{\"object\":\"list\",\"data\":[null,1,{}]}",
        "{\"error\":{\"type\":\"api_error\"}}", "{\"object\":\"checkout.session\"}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        read_answer(200, bytes_of(bodies[i]));
        assert_unknown();
    }
}

struct change {
    const char *member;
    const char *value;          /* NULL: left out */
};

static void assert_unknown_when(const char *document, const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *const path[] = { changes[i].member, NULL };

        read_answer(200, given_document_with(document, path, changes[i].value));
        if (outcome.verdict != VERDICT_UNKNOWN)
            fail_msg("%s = %s", changes[i].member, changes[i].value ? changes[i].value : "absent");
    }
}

static void a_session_that_does_not_say_what_we_need_is_unknown(void **state)
{
    static const struct change changes[] = {
        { "id", NULL }, { "id", "7" }, { "id", "\"\"" }, { "object", "\"payment_intent\"" },
        { "metadata", NULL }, { "metadata", "null" }, { "metadata", "[]" },
        { "metadata", "{\"payment_id\":\"pay_01KE0000000000000000000002\"}" },
        { "metadata", "{\"payment_id\":7}" },
        { "amount_total", NULL }, { "amount_total", "null" }, { "amount_total", "\"9999\"" },
        { "amount_total", "9999.0" }, { "amount_total", "-9999" },
        { "amount_total", "9223372036854775807" },
        { "currency", NULL }, { "currency", "\"USD\"" }, { "currency", "\"usdx\"" },
        { "currency", "\"zzz\"" }, { "livemode", NULL }, { "livemode", "\"false\"" },
        { "status", NULL }, { "status", "\"new_status\"" }, { "status", "1" },
        { "created", NULL }, { "created", "\"now\"" }, { "url", NULL }, { "url", "null" },
    };
    (void) state;

    assert_unknown_when("session-open", changes, sizeof(changes) / sizeof(changes[0]));
}

static void a_complete_session_must_say_whether_it_is_paid(void **state)
{
    static const struct change changes[] = {
        { "payment_status", NULL }, { "payment_status", "\"no_payment_required\"" },
        { "payment_status", "true" },
    };
    (void) state;

    assert_unknown_when("session-paid", changes, sizeof(changes) / sizeof(changes[0]));
}

static void a_page_address_that_is_too_long_is_no_page(void **state)
{
    const char *const path[] = { "url", NULL };
    char value[URL_MAX + 16];
    (void) state;

    memset(value, 'a', sizeof(value));
    memcpy(value, "\"https://", 9);
    snprintf(value + URL_MAX + 1, 2, "\"");                 /* URL_MAX bytes between the quotes */
    read_answer(200, given_document_with("session-open", path, value));
    assert_unknown();
    snprintf(value + URL_MAX, 2, "\"");                     /* one less fits with its NUL */
    read_answer(200, given_document_with("session-open", path, value));
    assert_int_equal(outcome.verdict, VERDICT_DONE);
}

static void a_member_given_twice_is_refused(void **state)
{
    const struct bytes whole = given_document("session-open");
    (void) state;

    read_answer(200, given_text("{\"amount_total\":9999,%s", whole.data + 1));

    assert_unknown();
}

static struct bytes nested(int depth)
{
    struct ctx *ctx = given_a_ctx();
    char *brackets = arena_alloc(ctx->arena, (size_t) depth * 2 + 1);
    const struct bytes whole = given_document("session-open");

    memset(brackets, '[', (size_t) depth);
    memset(brackets + depth, ']', (size_t) depth);
    return given_text("{\"x\":%s,%s", brackets, whole.data + 1);
}

static void brackets_inside_a_string_are_no_nesting(void **state)
{
    const struct bytes whole = given_document("session-open");
    char brackets[101] = "";
    (void) state;

    memset(brackets, '[', 100);
    read_answer(200, given_text("{\"x\":\"%s\\\"%s\",%s", brackets, brackets, whole.data + 1));

    assert_ours();
}

static void nesting_is_followed_to_2000_and_not_without_end(void **state)
{
    (void) state;

    read_answer(200, nested(2000));
    assert_ours();
    read_answer(200, nested(2048));
    assert_unknown();
    read_answer(200, nested(500000));
    assert_unknown();
}

static void another_session_than_the_known_one_is_not_ours(void **state)
{
    (void) state;

    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "cs_test_other");
    read_answer(200, given_document("session-paid"));
    assert_unknown();
    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "cs_test_a1B2c3");
    read_answer(200, given_document("session-paid"));
    assert_ours();
}

static void a_success_that_did_not_arrive_whole_is_unknown(void **state)
{
    (void) state;

    reply.complete = false;
    read_answer(200, given_document("session-paid"));
    assert_unknown();
}

/* --- Not what we asked for ----------------------------------------------------------------- */

static void assert_mismatch(const char *member, const char *value, int64_t captured_minor)
{
    const char *const path[] = { member, NULL };

    read_answer(200, given_document_with("session-paid", path, value));

    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_true(outcome.payment.facts.mismatch);
    assert_int_equal(outcome.payment.facts.captured_minor, captured_minor);
    assert_string_equal(outcome.payment.ref, "cs_test_a1B2c3");
}

static void another_amount_is_captured_as_it_came_and_other_money_is_not(void **state)
{
    (void) state;

    assert_mismatch("amount_total", "1", 1);
    assert_mismatch("amount_total", "9998", 9998);
    assert_mismatch("amount_total", "10000", 10000);
    assert_mismatch("amount_total", "0", 0);
    assert_mismatch("currency", "\"eur\"", 0);
    assert_mismatch("currency", "\"jpy\"", 0);
    assert_mismatch("livemode", "true", 0);
}

static void a_page_with_another_amount_is_not_handed_out(void **state)
{
    const char *const path[] = { "amount_total", NULL };
    (void) state;

    read_answer(200, given_document_with("session-open", path, "1"));

    assert_true(outcome.payment.facts.mismatch);
    assert_string_equal(outcome.payment.checkout_url, "");
}

/* --- The table, row by row ----------------------------------------------------------------- */

static void what_was_never_sent_was_not_executed(void **state)
{
    (void) state;

    reply.sent = false;
    reply.complete = false;
    reply.error = "curl 7: Failed to connect";
    read_answer(0, bytes_of(""));

    assert_verdict(VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_UNAVAILABLE);
    assert_non_null(strstr(outcome.problem->cause, "curl 7"));
}

static void what_was_sent_and_not_answered_is_unknown(void **state)
{
    (void) state;

    reply.complete = false;
    reply.timed_out = true;
    read_answer(0, bytes_of(""));

    assert_unknown();
}

static void a_key_used_with_other_parameters_means_an_object_may_exist(void **state)
{
    (void) state;

    read_error(400, "idempotency_error", "");

    assert_verdict(VERDICT_UNKNOWN, PROBLEM_INTERNAL);
}

static void a_400_of_the_limiter_counts_as_429(void **state)
{
    (void) state;

    read_error(400, "invalid_request_error", "rate_limit");

    assert_verdict(VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY);
}

static void an_object_that_was_locked_was_not_touched(void **state)
{
    (void) state;

    read_error(429, "invalid_request_error", "lock_timeout");
    assert_verdict(VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY);
    read_error(409, "invalid_request_error", "lock_timeout");
    assert_verdict(VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY);
    read_error(400, "invalid_request_error", "lock_timeout");
    assert_verdict(VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY);
}

static void assert_amount_refused(const char *code)
{
    read_error(400, "invalid_request_error", code);

    assert_verdict(VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT);
    assert_int_equal(outcome.problem->field_count, 0);      /* no member of the request is at fault */
    assert_string_equal(outcome.failure_code, code);
}

static void an_amount_below_the_minimum_is_the_clients(void **state)
{
    (void) state;

    assert_amount_refused("amount_too_small");
    read_answer(400, given_document("error-amount-too-small"));
    assert_verdict(VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT);
}

static void an_amount_above_the_maximum_is_the_clients(void **state)
{
    (void) state;

    assert_amount_refused("amount_too_large");
}

/* Only what the documents name, and only when the amount is beyond it. */
static void the_documented_limit_is_told(void **state)
{
    static const struct { struct money amount; const char *name; int64_t limit; } rows[] = {
        { { 49, "USD" }, "minimumMinor", 50 },      { { 49, "JPY" }, "minimumMinor", 50 },
        { { 17499, "HUF" }, "minimumMinor", 17500 }, { { 50, "USD" }, NULL, 0 },
        { { 1, "BWP" }, NULL, 0 },                  { { 999999999999, "USD" }, NULL, 0 },
        { { 999999999999, "ISK" }, "maximumMinor", 9999999999 },
        { { 9999999999, "ISK" }, NULL, 0 },         { { 999999999999, "MGA" }, NULL, 0 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        payment.amount = rows[i].amount;
        read_error(400, "invalid_request_error", "invalid_charge_amount");
        assert_int_equal(outcome.problem->number_count, rows[i].name != NULL);
        if (rows[i].name == NULL)
            continue;
        assert_string_equal(outcome.problem->numbers[0].name, rows[i].name);
        assert_int_equal(outcome.problem->numbers[0].value, rows[i].limit);
    }
}

static void an_amount_that_is_no_charge_is_the_clients(void **state)
{
    (void) state;

    assert_amount_refused("invalid_charge_amount");
}

static void a_page_that_is_no_longer_open_cannot_be_ended(void **state)
{
    (void) state;

    request.operation = OP_EXPIRE;
    read_error(400, "invalid_request_error", "");

    assert_verdict(VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE);
    assert_string_equal(outcome.failure_code, "");
    assert_string_equal(outcome.failure_reason, "");
}

static void a_request_that_stripe_finds_wrong_was_not_carried_out(void **state)
{
    (void) state;

    read_error(400, "invalid_request_error", "parameter_unknown");

    assert_verdict(VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST);
    assert_string_equal(outcome.failure_code, "parameter_unknown");
}

static void what_the_caller_can_correct_is_a_fault_of_the_member(void **state)
{
    static const struct { const char *code, *param, *pointer; } answers[] = {
        { "email_invalid", "customer_email", "#/customerEmail" },
        { "email_invalid", "", "#/customerEmail" },
        { "url_invalid", "success_url", "#/returnUrl" },
        { "url_invalid", "cancel_url", "#/cancelUrl" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        read_answer(400, given_text("{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"%s\","
                                    "\"param\":\"%s\"}}", answers[i].code, answers[i].param));
        assert_verdict(VERDICT_REFUSED, PROBLEM_VALIDATION_FAILED);
        assert_int_equal(outcome.problem->field_count, 1);
        assert_string_equal(outcome.problem->fields[0].pointer, answers[i].pointer);
    }
}

static void an_id_that_stripe_does_not_know_is_refused(void **state)
{
    (void) state;

    read_error(404, "invalid_request_error", "resource_missing");

    assert_verdict(VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST);
}

static void a_422_of_stripe_is_refused(void **state)
{
    (void) state;

    read_error(422, "invalid_request_error", "");

    assert_verdict(VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST);
}

static void a_declined_payment_says_why_to_the_payer(void **state)
{
    (void) state;

    read_answer(402, given_document("error-card-declined"));

    assert_verdict(VERDICT_REFUSED, PROBLEM_PAYMENT_FAILED);
    assert_string_equal(outcome.failure_code, "insufficient_funds");
    assert_string_equal(outcome.failure_reason, "Your card has insufficient funds.");
    assert_string_equal(outcome.problem->failure_code, "insufficient_funds");
}

static void a_wrong_key_is_ours_to_correct(void **state)
{
    (void) state;

    read_answer(401, given_document("error-api-key"));
    assert_verdict(VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED);
    read_answer(401, bytes_of("<html>"));
    assert_verdict(VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED);
}

static void a_key_that_may_not_is_ours_to_correct(void **state)
{
    (void) state;

    read_error(403, "invalid_request_error", "");

    assert_verdict(VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED);
}

static void a_first_request_that_still_runs_is_unknown(void **state)
{
    (void) state;

    read_error(409, "idempotency_error", "idempotency_key_in_use");
    assert_unknown();
    read_error(409, "invalid_request_error", "");
    assert_unknown();
}

static void the_limiter_stands_before_execution(void **state)
{
    (void) state;

    reply.retry_after_s = 7;
    read_error(429, "invalid_request_error", "rate_limit");

    assert_verdict(VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY);
    assert_int_equal(outcome.problem->retry_after_s, 7);
}

static void a_busy_provider_that_names_no_time_gets_two_seconds(void **state)
{
    (void) state;

    read_answer(429, bytes_of(""));

    assert_verdict(VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY);
    assert_int_equal(outcome.problem->retry_after_s, 2);
}

static void a_failure_behind_stripe_is_unknown(void **state)
{
    (void) state;

    read_error(424, "api_error", "");

    assert_unknown();
}

static void a_5xx_is_unknown(void **state)
{
    static const int statuses[] = { 500, 501, 502, 503, 504, 520, 599 };
    (void) state;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        read_error(statuses[i], "api_error", "");
        assert_unknown();
        read_error(statuses[i], "card_error", "card_declined");
        assert_unknown();
    }
}

/* --- What no row knows --------------------------------------------------------------------- */

static void a_refusal_without_an_error_of_stripes_proves_nothing(void **state)
{
    static const int statuses[] = { 400, 402, 404, 422 };
    static const char *const bodies[] = {
        "", "<html>400</html>", "{}", "{\"error\":\"x\"}", "{\"error\":{}}",
        "{\"error\":{\"type\":7}}",
        "{\"error\":{\"code\":\"amount_too_small\"}}", "{\"error\":{\"type\":\"card_error\"",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        for (size_t j = 0; j < sizeof(bodies) / sizeof(bodies[0]); j++) {
            read_answer(statuses[i], bytes_of(bodies[j]));
            assert_unknown();
        }
    }
}

/* Every status there is: a call is called failed or not executed in few cases, all listed. */
static void every_other_status_is_unknown(void **state)
{
    (void) state;

    for (int status = 100; status < 1000; status++) {
        read_error(status, "invalid_request_error", "some_code");
        switch (status) {
        case 400: case 402: case 404: case 422:
            assert_int_equal(outcome.verdict, VERDICT_REFUSED);
            break;
        case 401: case 403:
            assert_int_equal(outcome.verdict, VERDICT_MISCONFIGURED);
            break;
        case 429:
            assert_int_equal(outcome.verdict, VERDICT_NOT_EXECUTED);
            break;
        default:
            assert_unknown();
        }
    }
}

static void a_session_with_a_bad_status_is_no_success(void **state)
{
    (void) state;

    read_answer(302, given_document("session-paid"));
    assert_unknown();
    read_answer(500, given_document("session-paid"));
    assert_unknown();
}

/* --- What the payer and the log see -------------------------------------------------------- */

static void lost_stolen_and_fraud_are_shown_as_an_ordinary_decline(void **state)
{
    static const char *const secret[] = {
        "lost_card", "stolen_card", "pickup_card", "fraudulent", "merchant_blacklist",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
        read_answer(402, given_text(
            "{\"error\":{\"type\":\"card_error\",\"code\":\"card_declined\","
            "\"decline_code\":\"%s\",\"message\":\"It is a %s.\"}}", secret[i], secret[i]));
        assert_string_equal(outcome.failure_code, "card_declined");
        assert_string_equal(outcome.failure_reason, "Your card was declined.");
        assert_null(strstr(outcome.problem->detail, secret[i]));
        assert_string_equal(outcome.problem->failure_code, "card_declined");
    }
}

static void only_the_message_of_a_card_error_reaches_the_payer(void **state)
{
    (void) state;

    read_answer(400, bytes_of("{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"x\","
                              "\"message\":\"No such customer: cus_1\"}}"));

    assert_string_equal(outcome.failure_reason, "The payment did not go through.");
    assert_null(strstr(outcome.problem->detail, "cus_1"));
}

static void a_long_message_is_cut_between_characters(void **state)
{
    static const char form[] = "{\"error\":{\"type\":\"card_error\",\"message\":\"%s%s\"}}";
    struct ctx *ctx = given_a_ctx();
    char *message = arena_alloc(ctx->arena, 1024);
    (void) state;

    for (int i = 0; i < 500; i++)
        memcpy(message + 2 * i, "\xc3\xa9", 2);
    read_answer(402, given_text(form, "x", message));

    assert_int_equal(strlen(outcome.failure_reason), FAILURE_REASON_MAX - 1);
    read_answer(402, given_text(form, "", message));
    assert_int_equal(strlen(outcome.failure_reason), FAILURE_REASON_MAX - 2);
}

static void the_cause_names_the_request_and_repeats_no_message(void **state)
{
    (void) state;

    read_answer(401, given_document("error-api-key"));

    assert_non_null(strstr(outcome.problem->cause, "req_1"));
    assert_non_null(strstr(outcome.problem->cause, "401"));
    assert_null(strstr(outcome.problem->cause, "nary"));
    assert_null(strstr(outcome.problem->detail, "nary"));
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_open_session_is_a_page_to_pay_on),
        CASE(a_paid_session_is_money_captured),
        CASE(a_complete_session_that_is_unpaid_is_under_way),
        CASE(a_complete_session_whose_intent_failed_is_over),
        CASE(an_expired_session_takes_no_money_any_more),
        CASE(an_expanded_intent_is_read_as_its_id),
        CASE(our_session_is_found_in_a_list),
        CASE(a_lost_session_is_found_in_the_list_of_all),
        CASE(a_session_with_our_id_but_without_our_proof_is_not_ours),
        CASE(a_last_page_without_ours_proves_that_it_is_not_there),
        CASE(a_page_that_is_not_the_last_says_where_the_next_begins),
        CASE(nothing_but_a_whole_list_of_sessions_proves_an_absence),
        CASE(ours_in_the_list_without_what_we_need_is_neither_found_nor_absent),
        CASE(a_list_that_answers_another_question_proves_nothing),
        CASE(a_page_of_another_amount_that_ended_is_over_all_the_same),
        CASE(an_amount_is_read_in_iso_minor_units),
        CASE(no_cut_session_is_taken_for_one),
        CASE(bodies_that_are_no_session_are_unknown),
        CASE(a_session_that_does_not_say_what_we_need_is_unknown),
        CASE(a_complete_session_must_say_whether_it_is_paid),
        CASE(a_page_address_that_is_too_long_is_no_page),
        CASE(a_member_given_twice_is_refused),
        CASE(brackets_inside_a_string_are_no_nesting),
        CASE(nesting_is_followed_to_2000_and_not_without_end),
        CASE(another_session_than_the_known_one_is_not_ours),
        CASE(a_success_that_did_not_arrive_whole_is_unknown),
        CASE(another_amount_is_captured_as_it_came_and_other_money_is_not),
        CASE(a_page_with_another_amount_is_not_handed_out),
        CASE(what_was_never_sent_was_not_executed),
        CASE(what_was_sent_and_not_answered_is_unknown),
        CASE(a_key_used_with_other_parameters_means_an_object_may_exist),
        CASE(a_400_of_the_limiter_counts_as_429),
        CASE(an_object_that_was_locked_was_not_touched),
        CASE(an_amount_below_the_minimum_is_the_clients),
        CASE(an_amount_above_the_maximum_is_the_clients),
        CASE(an_amount_that_is_no_charge_is_the_clients),
        CASE(the_documented_limit_is_told),
        CASE(a_page_that_is_no_longer_open_cannot_be_ended),
        CASE(a_request_that_stripe_finds_wrong_was_not_carried_out),
        CASE(what_the_caller_can_correct_is_a_fault_of_the_member),
        CASE(an_id_that_stripe_does_not_know_is_refused),
        CASE(a_422_of_stripe_is_refused),
        CASE(a_declined_payment_says_why_to_the_payer),
        CASE(a_wrong_key_is_ours_to_correct),
        CASE(a_key_that_may_not_is_ours_to_correct),
        CASE(a_first_request_that_still_runs_is_unknown),
        CASE(the_limiter_stands_before_execution),
        CASE(a_busy_provider_that_names_no_time_gets_two_seconds),
        CASE(a_failure_behind_stripe_is_unknown),
        CASE(a_5xx_is_unknown),
        CASE(a_refusal_without_an_error_of_stripes_proves_nothing),
        CASE(every_other_status_is_unknown),
        CASE(a_session_with_a_bad_status_is_no_success),
        CASE(lost_stolen_and_fraud_are_shown_as_an_ordinary_decline),
        CASE(only_the_message_of_a_card_error_reaches_the_payer),
        CASE(a_long_message_is_cut_between_characters),
        CASE(the_cause_names_the_request_and_repeats_no_message),
    };

    return cmocka_run_group_tests_name("stripe_replies", tests, fixture_set_up, fixture_tear_down);
}
