#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/providers/stripe_fixture.h"

#define REFUND_ID "ref_01KE0000000000000000000002"

static struct payment payment;
static struct refund refund;
static struct provider_request request;
static struct provider_reply reply;
static struct provider_outcome outcome;

static int set_up(void **state)
{
    fixture_reset(state);
    payment = given_a_payment();
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_3Abc");
    refund = (struct refund) { .id = { REFUND_ID }, .payment_id = payment.id,
                               .amount = { 2500, "USD" }, .reason = "duplicate" };
    request = (struct provider_request) { .operation = OP_REFUND, .method = "POST" };
    reply = (struct provider_reply) { .sent = true, .complete = true, .should_retry = -1,
                                      .request_id = "req_1", .error = "" };
    return 0;
}

/* --- Requests ------------------------------------------------------------------------------ */

static void a_refund_is_written_with_its_own_key(void **state)
{
    const char *expected = "payment_intent=pi_3Abc&amount=2500&reason=duplicate"
        "&metadata[refund_id]=" REFUND_ID "&metadata[payment_id]=" FIXTURE_PAYMENT_ID;
    (void) state;

    assert_null(given_stripe()->write_refund(given_a_ctx(), &payment, &refund, &request));

    assert_int_equal(request.operation, OP_REFUND);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.path, "/v1/refunds");
    assert_string_equal(request.idempotency_key, REFUND_ID ":refund");
    assert_int_equal(request.body.size, strlen(expected));
    assert_memory_equal(request.body.data, expected, request.body.size);
}

static void a_reason_that_was_not_given_is_not_sent(void **state)
{
    (void) state;

    refund.reason[0] = '\0';
    assert_null(given_stripe()->write_refund(given_a_ctx(), &payment, &refund, &request));
    assert_null(strstr(request.body.data, "reason"));
}

static void amounts_are_written_as_stripe_counts_them(void **state)
{
    static const struct { struct money amount; const char *sent; } amounts[] = {
        { { 1000, "JPY" }, "&amount=1000&" }, { { 1230, "KWD" }, "&amount=1230&" },
        { { 5, "ISK" }, "&amount=500&" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        refund.amount = amounts[i].amount;
        assert_null(given_stripe()->write_refund(given_a_ctx(), &payment, &refund, &request));
        assert_non_null(strstr(request.body.data, amounts[i].sent));
    }
}

static void an_amount_that_stripe_cannot_express_is_the_clients_fault(void **state)
{
    const struct problem *problem;
    (void) state;

    refund.amount = (struct money) { 1231, "KWD" };
    problem = given_stripe()->write_refund(given_a_ctx(), &payment, &refund, &request);

    assert_int_equal(problem->type, PROBLEM_INVALID_AMOUNT);
    assert_int_equal(problem->field_count, 0);
}

static void without_a_known_charge_nothing_is_asked(void **state)
{
    (void) state;

    payment.provider_intent[0] = '\0';
    assert_int_equal(given_stripe()->write_refund(given_a_ctx(), &payment, &refund, &request)->type,
                     PROBLEM_INVALID_PAYMENT_STATE);
    assert_int_equal(given_stripe()->write_list_refunds(given_a_ctx(), &payment, "", &request)->type,
                     PROBLEM_INVALID_PAYMENT_STATE);
}

static void the_refunds_of_a_payment_are_asked_for_by_its_intent(void **state)
{
    (void) state;

    assert_null(given_stripe()->write_list_refunds(given_a_ctx(), &payment, "", &request));
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/v1/refunds?payment_intent=pi_3Abc&limit=100");
    assert_null(given_stripe()->write_list_refunds(given_a_ctx(), &payment, "re_9", &request));
    assert_string_equal(request.path,
                        "/v1/refunds?payment_intent=pi_3Abc&limit=100&starting_after=re_9");
    assert_string_equal(request.idempotency_key, "");
}

/* --- Answers ------------------------------------------------------------------------------- */

#define REFUND_JSON(id, amount, currency, status, metadata) \
    "{\"id\":\"" id "\",\"object\":\"refund\",\"amount\":" amount ",\"currency\":\"" currency "\"," \
    "\"status\":\"" status "\",\"payment_intent\":\"pi_3Abc\",\"metadata\":{" metadata "}}"
#define OURS "\"refund_id\":\"" REFUND_ID "\""

static void read_answer(int http_status, const char *body)
{
    const struct provider *stripe = given_stripe();

    reply.http_status = http_status;
    reply.body = bytes_of(body);
    memset(&outcome, 0xa5, sizeof(outcome));
    stripe->read_refund_reply(given_a_ctx(), stripe, &payment, &refund, &request, &reply, &outcome);
    if (outcome.verdict != VERDICT_DONE)
        assert_non_null(outcome.problem);
}

static void an_answer_about_our_refund_is_known(void **state)
{
    static const struct { const char *body; enum refund_status status; } answers[] = {
        { REFUND_JSON("re_1", "2500", "usd", "succeeded", OURS), REFUND_SUCCEEDED },
        { REFUND_JSON("re_1", "2500", "usd", "pending", OURS), REFUND_PENDING },
        { REFUND_JSON("re_1", "2500", "usd", "requires_action", OURS), REFUND_REQUIRES_ACTION },
        { REFUND_JSON("re_1", "2500", "usd", "failed", OURS), REFUND_FAILED },
        { REFUND_JSON("re_1", "2500", "usd", "canceled", OURS), REFUND_CANCELLED },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        read_answer(200, answers[i].body);
        assert_int_equal(outcome.verdict, VERDICT_DONE);
        assert_string_equal(outcome.refund.refund_id.text, REFUND_ID);
        assert_string_equal(outcome.refund.ref, "re_1");
        assert_string_equal(outcome.refund.intent, "pi_3Abc");
        assert_int_equal(outcome.refund.amount_minor, 2500);
        assert_string_equal(outcome.refund.currency, "USD");
        assert_int_equal(outcome.refund.status, answers[i].status);
    }
}

static void an_answer_without_our_mark_is_ours_by_charge_and_amount(void **state)
{
    (void) state;

    read_answer(200, REFUND_JSON("re_1", "2500", "usd", "succeeded", ""));
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_string_equal(outcome.refund.refund_id.text, refund.id.text);
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_other");
    read_answer(200, REFUND_JSON("re_1", "2500", "usd", "succeeded", ""));
    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
}

/* What is not our refund proves nothing: ours may have been made all the same. */
static void an_answer_about_something_else_is_unknown(void **state)
{
    static const char *const bodies[] = {
        "", "{", "[]", "{}", "<html>", "{\"object\":\"refund\"}",
        REFUND_JSON("re_1", "2499", "usd", "succeeded", ""), REFUND_JSON("re_1", "2500", "eur", "succeeded", ""),
        REFUND_JSON("re_1", "2500", "usd", "succeeded", "\"refund_id\":\"ref_01KE0000000000000000000003\""),
        REFUND_JSON("re_1", "2500", "usd", "perhaps", OURS),
        REFUND_JSON("re_1", "-1", "usd", "succeeded", OURS),
        REFUND_JSON("re_1", "2500", "zzz", "succeeded", OURS),
        REFUND_JSON("", "2500", "usd", "succeeded", OURS),
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        read_answer(200, bodies[i]);
        assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
    }
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_other");
    read_answer(200, REFUND_JSON("re_1", "2500", "usd", "succeeded", OURS));
    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
}

static void each_refusal_means_what_the_table_says(void **state)
{
    static const struct { int status; const char *code; enum provider_verdict verdict;
                          enum problem_type problem; } refusals[] = {
        { 400, "charge_already_refunded", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "amount_too_large", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "charge_disputed", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "refund_disputed_payment", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "charge_not_refundable", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "payment_intent_unexpected_state", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "intent_invalid_state", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "balance_insufficient", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "insufficient_funds", VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "amount_too_small", VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT },
        { 400, "parameter_unknown", VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 404, "resource_missing", VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 402, "declined", VERDICT_REFUSED, PROBLEM_PAYMENT_FAILED },
        { 400, "lock_timeout", VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY },
        { 429, "rate_limit", VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY },
        { 401, "api_key_expired", VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED },
        { 403, "x", VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED },
        { 409, "idempotency_key_in_use", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
        { 500, "x", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        read_answer(refusals[i].status,
                    given_text("{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"%s\"}}",
                               refusals[i].code).data);
        if (outcome.verdict != refusals[i].verdict || outcome.problem->type != refusals[i].problem)
            fail_msg("%d %s: %s %s", refusals[i].status, refusals[i].code,
                     provider_verdict_name(outcome.verdict), outcome.problem->detail);
        if (outcome.verdict == VERDICT_REFUSED)
            assert_string_equal(outcome.failure_code, refusals[i].code);
    }
}

static void silence_is_unknown_and_no_connection_is_not_executed(void **state)
{
    (void) state;

    reply.complete = false;
    read_answer(0, "");
    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
    reply.sent = false;
    read_answer(0, "");
    assert_int_equal(outcome.verdict, VERDICT_NOT_EXECUTED);
}

/* --- Lists --------------------------------------------------------------------------------- */

static const char *after;

static bool read_list(const char *body, struct provider_refund **refunds_out, int *count_out)
{
    reply.http_status = 200;
    reply.body = bytes_of(body);
    return given_stripe()->read_refund_list(given_a_ctx(), &payment, &reply, refunds_out, count_out,
                                            &after);
}

#define LIST(data) "{\"object\":\"list\",\"has_more\":false,\"data\":[" data "]}"

static void a_list_tells_each_refund(void **state)
{
    struct provider_refund *refunds;
    int count;
    (void) state;

    assert_true(read_list(LIST(REFUND_JSON("re_2", "100", "usd", "pending", "") ","
                               REFUND_JSON("re_1", "2500", "usd", "succeeded", OURS)),
                          &refunds, &count));
    assert_int_equal(count, 2);
    assert_string_equal(refunds[0].ref, "re_2");
    assert_string_equal(refunds[0].refund_id.text, "");
    assert_string_equal(refunds[1].refund_id.text, REFUND_ID);
    assert_string_equal(after, "");
    assert_true(read_list(LIST(""), &refunds, &count));
    assert_int_equal(count, 0);
    assert_string_equal(after, "");
}

static void a_list_that_goes_on_says_from_where(void **state)
{
    struct provider_refund *refunds;
    int count;
    (void) state;

    assert_true(read_list("{\"object\":\"list\",\"has_more\":true,\"data\":["
                          REFUND_JSON("re_2", "100", "usd", "pending", "") ","
                          REFUND_JSON("re_1", "2500", "usd", "succeeded", OURS) "]}",
                          &refunds, &count));
    assert_int_equal(count, 2);
    assert_string_equal(after, "re_1");
}

static void a_list_that_is_not_whole_tells_nothing(void **state)
{
    static const char *const bodies[] = {
        "", "{}", "[]", "{\"object\":\"list\"}", "{\"object\":\"list\",\"data\":[]}",
        "{\"object\":\"list\",\"data\":{}}", LIST("{}"),
        "{\"object\":\"list\",\"has_more\":true,\"data\":[]}",
        LIST(REFUND_JSON("re_1", "2500", "usd", "perhaps", "")),
    };
    struct provider_refund *refunds;
    int count;
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_false(read_list(bodies[i], &refunds, &count));
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_other");
    assert_false(read_list(LIST(REFUND_JSON("re_1", "2500", "usd", "pending", "")), &refunds, &count));
    reply.complete = false;
    assert_false(read_list(LIST(""), &refunds, &count));
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_refund_is_written_with_its_own_key),
        CASE(a_reason_that_was_not_given_is_not_sent),
        CASE(amounts_are_written_as_stripe_counts_them),
        CASE(an_amount_that_stripe_cannot_express_is_the_clients_fault),
        CASE(without_a_known_charge_nothing_is_asked),
        CASE(the_refunds_of_a_payment_are_asked_for_by_its_intent),
        CASE(an_answer_about_our_refund_is_known),
        CASE(an_answer_without_our_mark_is_ours_by_charge_and_amount),
        CASE(an_answer_about_something_else_is_unknown),
        CASE(each_refusal_means_what_the_table_says),
        CASE(silence_is_unknown_and_no_connection_is_not_executed),
        CASE(a_list_tells_each_refund),
        CASE(a_list_that_goes_on_says_from_where),
        CASE(a_list_that_is_not_whole_tells_nothing),
    };

    return cmocka_run_group_tests_name("stripe_refunds", tests, fixture_set_up, fixture_tear_down);
}
