#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "infrastructure/providers/paystack_fixture.h"

static struct payment payment;
static struct provider_request request;
static struct provider_reply reply;
static struct provider_outcome outcome;

static int set_up(void **state)
{
    fixture_reset(state);
    payment = given_a_naira_payment();
    request = (struct provider_request) { .operation = OP_RETRIEVE, .method = "GET" };
    reply = (struct provider_reply) { .sent = true, .complete = true, .should_retry = -1,
                                      .request_id = "", .error = "" };
    return 0;
}

static void given_a_checkout_call(void)
{
    request = (struct provider_request) { .operation = OP_CHECKOUT, .method = "POST" };
}

static void read_reply(void)
{
    const struct provider *paystack = given_paystack();

    memset(&outcome, 0xa5, sizeof(outcome));
    paystack->read_reply(given_a_ctx(), paystack, &payment, &request, &reply, &outcome);
    if (outcome.verdict != VERDICT_DONE)
        assert_non_null(outcome.problem);
}

static void read_answer(int http_status, struct bytes body)
{
    reply.http_status = http_status;
    reply.body = body;
    read_reply();
}

static void read_error(int http_status, const char *type, const char *code, const char *message)
{
    read_answer(http_status, given_text("{\"status\":false,\"message\":\"%s\",\"type\":\"%s\","
                                        "\"code\":\"%s\",\"meta\":{\"nextStep\":\"x\"}}",
                                        message, type, code));
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

static void assert_captured(void)
{
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_false(outcome.payment.facts.mismatch);
    assert_int_equal(outcome.payment.facts.captured_minor, payment.amount.minor);
}

static void assert_mismatch(int64_t captured_minor)
{
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_true(outcome.payment.facts.mismatch);
    assert_int_equal(outcome.payment.facts.captured_minor, captured_minor);
}

/* --- Checkout ------------------------------------------------------------------------------ */

static void a_page_is_known_by_our_reference(void **state)
{
    (void) state;

    given_a_checkout_call();
    read_answer(200, given_document("paystack-initialize"));
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_string_equal(outcome.payment.ref, FIXTURE_REFERENCE);
    assert_string_equal(outcome.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(outcome.payment.checkout_url,
                        "https://checkout.paystack.com/3ni8kdavz62431k");
    assert_int_equal(outcome.payment.facts.snapshot.progress, PROGRESS_OPENED);
    assert_int_equal(outcome.payment.facts.snapshot.at_s, FIXTURE_NOW_S);
}

static void a_page_that_is_not_ours_or_not_there_is_unknown(void **state)
{
    static const char *const members[][2] = {
        { "reference", "\"pay-01KE0000000000000000000009\"" }, { "reference", NULL },
        { "authorization_url", NULL }, { "authorization_url", "7" },
    };
    (void) state;

    given_a_checkout_call();
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *path[] = { "data", members[i][0], NULL };

        read_answer(200, given_document_with("paystack-initialize", path, members[i][1]));
        assert_unknown();
    }
}

/* --- Status false -------------------------------------------------------------------------- */

static void ok_with_status_false_is_no_success(void **state)
{
    static const char *const statuses[] = { "false", "\"false\"", "null", "0", "\"no\"" };
    static const char *const path[] = { "status", NULL };
    (void) state;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        read_answer(200, given_document_with("paystack-verify-success", path, statuses[i]));
        assert_unknown();
    }
    read_answer(200, given_document_with("paystack-verify-success", path, "\"true\""));
    assert_captured();
}

/* --- Verification -------------------------------------------------------------------------- */

static void success_is_money(void **state)
{
    (void) state;

    read_answer(200, given_document("paystack-verify-success"));
    assert_captured();
    assert_string_equal(outcome.payment.ref, FIXTURE_REFERENCE);
    assert_string_equal(outcome.payment.intent, "4099260516");
    assert_false(outcome.payment.livemode);
}

/* docs/facts.md section 7; "abandoned" is also the state right after initialize. */
static void each_status_means_what_the_table_says(void **state)
{
    static const struct {
        const char *status;
        bool captured;
        enum payment_progress progress;
        bool expires, given_up;
    } rows[] = {
        { "\"success\"", true, PROGRESS_NONE, false, false },
        { "\"reversed\"", true, PROGRESS_NONE, false, false },
        { "\"failed\"", false, PROGRESS_FAILED, true, true },
        { "\"abandoned\"", false, PROGRESS_OPENED, true, true },
        { "\"ongoing\"", false, PROGRESS_PROCESSING, false, false },
        { "\"pending\"", false, PROGRESS_PROCESSING, false, false },
        { "\"processing\"", false, PROGRESS_PROCESSING, false, false },
        { "\"queued\"", false, PROGRESS_PROCESSING, false, false },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct payment_facts *facts = &outcome.payment.facts;
        struct bytes body = given_verification("status", rows[i].status, NULL);

        request.operation = OP_RETRIEVE;
        read_answer(200, body);
        assert_int_equal(outcome.verdict, VERDICT_DONE);
        assert_int_equal(facts->captured_minor, rows[i].captured ? 10000 : 0);
        assert_int_equal(facts->snapshot.progress, rows[i].progress);
        assert_int_equal(facts->closed, PAYMENT_OPEN);

        request.operation = OP_EXPIRE;
        read_answer(200, body);
        assert_int_equal(facts->captured_minor, rows[i].captured ? 10000 : 0);
        assert_int_equal(facts->closed, rows[i].expires ? PAYMENT_CLOSED_EXPIRED : PAYMENT_OPEN);

        request.operation = OP_FIND;
        read_answer(200, body);
        assert_false(outcome.absent);
        assert_int_equal(facts->closed, rows[i].given_up ? PAYMENT_CLOSED_FAILED : PAYMENT_OPEN);
    }
}

static void a_page_whose_address_we_have_is_not_given_up(void **state)
{
    (void) state;

    request.operation = OP_FIND;
    snprintf(payment.checkout_url, sizeof(payment.checkout_url), "https://checkout.paystack.com/x");
    read_answer(200, given_verification("status", "\"abandoned\"", NULL));
    assert_int_equal(outcome.payment.facts.closed, PAYMENT_OPEN);
}

static void an_unknown_status_tells_nothing(void **state)
{
    (void) state;

    read_answer(200, given_verification("status", "\"perhaps\"", NULL));
    assert_unknown();
}

static void what_lacks_a_member_or_is_not_ours_tells_nothing(void **state)
{
    static const char *const members[][2] = {
        { "reference", "\"pay-01KE0000000000000000000009\"" }, { "reference", "null" },
        { "id", NULL }, { "id", "\"x1\"" }, { "id", "-5" }, { "amount", NULL }, { "amount", "1.5" },
        { "amount", "\"1e4\"" }, { "currency", NULL }, { "currency", "5" }, { "domain", NULL },
        { "domain", "\"sandbox\"" }, { "status", NULL },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        read_answer(200, given_verification(members[i][0], members[i][1], NULL));
        assert_unknown();
    }
    read_answer(200, bytes_of("{\"status\":true,\"data\":[]}"));
    assert_unknown();
}

/* Another amount of our currency and mode is money that came; of another one it is not ours to book. */
static void another_amount_is_captured_as_it_came_and_other_money_is_not(void **state)
{
    static const struct {
        const char *members[4];
        int64_t     captured_minor;
    } others[] = {
        { { "amount", "9999", "requested_amount", "10000" }, 9999 },    /* less than ours */
        { { "amount", "9999", "requested_amount", "9999" }, 9999 },
        { { "amount", "10150", "requested_amount", "10150" }, 10150 },  /* more was asked for */
        { { "amount", "10150", "requested_amount", NULL }, 10150 },
        { { "currency", "\"USD\"", "amount", "10000" }, 0 },
        { { "currency", "\"ngn\"", "amount", "10000" }, 0 },
        { { "domain", "\"live\"", "amount", "10000" }, 0 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        const char *const *members = others[i].members;

        read_answer(200, given_verification(members[0], members[1], members[2], members[3], NULL));
        assert_mismatch(others[i].captured_minor);
    }
}

static void fees_that_the_payer_bears_are_not_another_amount(void **state)
{
    (void) state;

    read_answer(200, given_verification("amount", "10150", "requested_amount", "10000", NULL));
    assert_captured();
    read_answer(200, given_verification("amount", "\"10000\"", NULL));  /* the text of a number */
    assert_captured();
}

static void an_amount_without_decimals_is_counted_in_hundredths(void **state)
{
    (void) state;

    payment.amount = (struct money) { 500, "XOF" };
    read_answer(200, given_verification("amount", "50000", "requested_amount", "50000",
                                        "currency", "\"XOF\"", NULL));
    assert_captured();
    assert_int_equal(outcome.payment.facts.captured_minor, 500);
    read_answer(200, given_verification("amount", "500", "currency", "\"XOF\"", NULL));
    assert_mismatch(5);
    read_answer(200, given_verification("amount", "573", "currency", "\"XOF\"", NULL));
    assert_mismatch(0);                         /* no whole number of francs */
    read_answer(200, given_verification("amount", "50073", "requested_amount", "50000",
                                        "currency", "\"XOF\"", NULL));
    assert_captured();
}

static void a_page_with_another_amount_ends_all_the_same(void **state)
{
    (void) state;

    request.operation = OP_EXPIRE;
    read_answer(200, given_verification("status", "\"abandoned\"", "amount", "1", NULL));
    assert_mismatch(0);
    assert_int_equal(outcome.payment.facts.closed, PAYMENT_CLOSED_EXPIRED);
}

/* Between 2^63 and 2^64 Jansson gives up, and a double would round. */
static void ids_are_unsigned_numbers_of_64_bits_or_texts(void **state)
{
    static const char *const ids[] = {
        "302961", "9223372036854775807", "9223372036854775808", "18446744073709551615",
        "9007199254740993",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct bytes body = given_verification("id", "4711", NULL);
        const char *at = strstr(body.data, "4711");

        read_answer(200, given_text("%.*s%s%s", (int) (at - body.data), body.data, ids[i], at + 4));
        assert_captured();
        assert_string_equal(outcome.payment.intent, ids[i]);
        read_answer(200, given_text("%.*s\"%s\"%s", (int) (at - body.data), body.data, ids[i],
                                    at + 4));
        assert_string_equal(outcome.payment.intent, ids[i]);
    }
}

static void metadata_of_any_kind_does_no_harm(void **state)
{
    static const char *const kinds[] = {
        "\"\"", "0", "null", "\"{\\\"payment_id\\\":\\\"p1\\\"}\"", "{}", "[]", "\"no json\"", NULL,
    };
    (void) state;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        read_answer(200, given_verification("metadata", kinds[i], NULL));
        assert_captured();
    }
}

static void the_payer_hears_why_but_never_that_the_card_is_stolen(void **state)
{
    static const char *const rows[][2] = {
        { "\"Insufficient Funds\"", "Insufficient Funds" },
        { "\"Pick up stolen card\"", "The payment was declined." },
        { "\"Suspected FRAUD\"", "The payment was declined." },
        { "\"Lost card\"", "The payment was declined." },
        { "\"\"", "The payment was declined." },
        { "null", "The payment was declined." },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_answer(200, given_verification("status", "\"failed\"", "gateway_response", rows[i][0],
                                            NULL));
        assert_string_equal(outcome.payment.facts.snapshot.failure_reason, rows[i][1]);
    }
}

/* --- An unknown reference ------------------------------------------------------------------ */

static void assert_absent_for(enum provider_operation operation)
{
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_int_equal(outcome.absent, operation == OP_FIND);
    assert_string_equal(outcome.find_after, "");
    assert_int_equal(outcome.payment.facts.closed,
                     operation == OP_EXPIRE ? PAYMENT_CLOSED_EXPIRED : PAYMENT_OPEN);
    assert_int_equal(outcome.payment.facts.snapshot.progress, PROGRESS_NONE);
}

static void a_reference_they_do_not_know_was_never_started(void **state)
{
    static const enum provider_operation operations[] = { OP_FIND, OP_RETRIEVE, OP_EXPIRE };
    (void) state;

    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        request.operation = operations[i];
        read_error(404, "validation_error", "transaction_not_found", "x");
        assert_absent_for(operations[i]);
        read_error(400, "validation_error", "transaction_not_found", "x");
        assert_absent_for(operations[i]);
        read_answer(404, bytes_of("{\"status\":\"false\","
                                  "\"message\":\"Transaction reference not found.\"}"));
        assert_absent_for(operations[i]);
    }
}

static void another_404_proves_no_absence(void **state)
{
    static const char *const bodies[] = {
        "", "<html>404</html>", "{}", "{\"message\":\"Transaction reference not found\"}",
        "{\"status\":true,\"code\":\"transaction_not_found\"}",
        "{\"status\":false,\"message\":\"Entity not found\"}",
    };
    (void) state;

    request.operation = OP_FIND;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        read_answer(404, bytes_of(bodies[i]));
        assert_int_not_equal(outcome.verdict, VERDICT_DONE);
        assert_false(outcome.absent);
    }
}

/* --- The table of errors ------------------------------------------------------------------- */

static void each_error_means_what_the_table_says(void **state)
{
    static const struct {
        int http_status;
        const char *type, *code, *message;
        enum provider_verdict verdict;
        enum problem_type problem;
    } rows[] = {
        { 400, "validation_error", "duplicate_reference", "", VERDICT_UNKNOWN,
          PROBLEM_PROVIDER_TIMEOUT },
        { 400, "validation_error", "", "Duplicate Transaction Reference", VERDICT_UNKNOWN,
          PROBLEM_PROVIDER_TIMEOUT },
        { 400, "validation_error", "missing_params", "", VERDICT_REFUSED,
          PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 400, "validation_error", "invalid_params", "", VERDICT_REFUSED,
          PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 400, "validation_error", "invalid_params", "Currency not supported by merchant",
          VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT },
        { 400, "", "", "Invalid Amount Sent", VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT },
        { 400, "processor_error", "insufficient_funds", "", VERDICT_REFUSED,
          PROBLEM_PAYMENT_FAILED },
        { 400, "api_error", "", "", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
        { 400, "", "", "Something", VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 404, "", "", "Not found", VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 401, "", "", "Invalid key", VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED },
        { 403, "", "", "", VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED },
        { 429, "", "", "", VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY },
        { 500, "api_error", "", "", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
        { 503, "", "", "", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
        { 302, "", "", "", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
        { 409, "", "", "", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
    };
    (void) state;

    given_a_checkout_call();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_error(rows[i].http_status, rows[i].type, rows[i].code, rows[i].message);
        assert_verdict(rows[i].verdict, rows[i].problem);
    }
}

static void what_the_caller_can_correct_is_a_fault_of_the_member(void **state)
{
    static const struct { const char *code, *message, *pointer; } rows[] = {
        { "invalid_email_address", "", "#/customerEmail" },
        { "", "Invalid Email Address Passed", "#/customerEmail" },
        { "", "Invalid callback URL passed", "#/returnUrl" },
    };
    (void) state;

    given_a_checkout_call();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_error(400, "validation_error", rows[i].code, rows[i].message);
        assert_verdict(VERDICT_REFUSED, PROBLEM_VALIDATION_FAILED);
        assert_int_equal(outcome.problem->field_count, 1);
        assert_string_equal(outcome.problem->fields[0].pointer, rows[i].pointer);
    }
}

static void a_400_that_is_not_paystacks_is_unknown(void **state)
{
    static const char *const bodies[] = {
        "", "Bad Request", "{}", "{\"type\":\"processor_error\"}", "{\"status\":true}", "[]",
    };
    (void) state;

    given_a_checkout_call();
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        read_answer(400, bytes_of(bodies[i]));
        assert_unknown();
    }
}

static void a_refusal_says_why_and_busy_says_when(void **state)
{
    (void) state;

    given_a_checkout_call();
    read_error(400, "processor_error", "insufficient_funds", "");
    assert_string_equal(outcome.failure_code, "insufficient_funds");
    assert_string_equal(outcome.problem->failure_code, "insufficient_funds");
    assert_string_equal(outcome.failure_reason, "The payment did not go through.");
    read_error(429, "", "", "");
    assert_int_equal(outcome.problem->retry_after_s, 2);
}

/* The message may hold an e-mail address. */
static void their_message_is_not_logged(void **state)
{
    (void) state;

    given_a_checkout_call();
    read_error(400, "validation_error", "invalid_params", "bad address a@b.example");
    assert_string_equal(outcome.problem->cause,
                        "HTTP 400 type=validation_error code=invalid_params");
}

static void silence_is_unknown_and_no_connection_is_not_executed(void **state)
{
    (void) state;

    given_a_checkout_call();
    reply = (struct provider_reply) { .sent = true, .timed_out = true, .error = "timed out",
                                      .request_id = "" };
    read_reply();
    assert_unknown();
    assert_string_equal(outcome.problem->cause, "timed out");
    reply.sent = false;
    read_reply();
    assert_verdict(VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_UNAVAILABLE);
}

/* Cut at every byte: it is never taken for anything but unknown. */
static void a_document_cut_short_is_unknown(void **state)
{
    struct bytes body;
    (void) state;

    body = given_document("paystack-verify-success");
    for (size_t size = 0; size + 2 < body.size; size++) {
        read_answer(200, (struct bytes) { body.data, size });
        assert_unknown();
    }
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_page_is_known_by_our_reference),
        CASE(a_page_that_is_not_ours_or_not_there_is_unknown),
        CASE(ok_with_status_false_is_no_success),
        CASE(success_is_money),
        CASE(each_status_means_what_the_table_says),
        CASE(a_page_whose_address_we_have_is_not_given_up),
        CASE(an_unknown_status_tells_nothing),
        CASE(what_lacks_a_member_or_is_not_ours_tells_nothing),
        CASE(another_amount_is_captured_as_it_came_and_other_money_is_not),
        CASE(fees_that_the_payer_bears_are_not_another_amount),
        CASE(an_amount_without_decimals_is_counted_in_hundredths),
        CASE(a_page_with_another_amount_ends_all_the_same),
        CASE(ids_are_unsigned_numbers_of_64_bits_or_texts),
        CASE(metadata_of_any_kind_does_no_harm),
        CASE(the_payer_hears_why_but_never_that_the_card_is_stolen),
        CASE(a_reference_they_do_not_know_was_never_started),
        CASE(another_404_proves_no_absence),
        CASE(each_error_means_what_the_table_says),
        CASE(what_the_caller_can_correct_is_a_fault_of_the_member),
        CASE(a_400_that_is_not_paystacks_is_unknown),
        CASE(a_refusal_says_why_and_busy_says_when),
        CASE(their_message_is_not_logged),
        CASE(silence_is_unknown_and_no_connection_is_not_executed),
        CASE(a_document_cut_short_is_unknown),
    };

    return cmocka_run_group_tests_name("paystack_replies", tests, fixture_set_up, fixture_tear_down);
}
