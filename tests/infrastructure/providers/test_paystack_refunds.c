#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "infrastructure/providers/paystack_fixture.h"

#define REFUND_ID   "ref_01KE0000000000000000000002"
#define TRANSACTION "4099260516"

static struct payment payment;
static struct refund refund;
static struct provider_request request;
static struct provider_reply reply;
static struct provider_outcome outcome;

static int set_up(void **state)
{
    fixture_reset(state);
    payment = given_a_naira_payment();
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), TRANSACTION);
    refund = (struct refund) { .id = { REFUND_ID }, .payment_id = payment.id,
                               .amount = { 2500, "NGN" }, .reason = "duplicate" };
    request = (struct provider_request) { .operation = OP_REFUND, .method = "POST" };
    reply = (struct provider_reply) { .sent = true, .complete = true, .should_retry = -1,
                                      .request_id = "", .error = "" };
    return 0;
}

/* --- Requests ------------------------------------------------------------------------------ */

static void a_refund_bears_our_id_in_its_note(void **state)
{
    const char *expected = "{\"transaction\":\"" FIXTURE_REFERENCE "\",\"amount\":2500,"
                           "\"currency\":\"NGN\",\"merchant_note\":\"" REFUND_ID "\"}";
    (void) state;

    assert_null(given_paystack()->write_refund(given_a_ctx(), &payment, &refund, &request));
    assert_int_equal(request.operation, OP_REFUND);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.path, "/refund");
    assert_string_equal(request.idempotency_key, REFUND_ID ":refund");
    assert_int_equal(request.body.size, strlen(expected));
    assert_memory_equal(request.body.data, expected, request.body.size);
}

static void an_amount_without_decimals_is_sent_in_hundredths(void **state)
{
    (void) state;

    refund.amount = (struct money) { 500, "XOF" };
    assert_null(given_paystack()->write_refund(given_a_ctx(), &payment, &refund, &request));
    assert_non_null(strstr(request.body.data, "\"amount\":50000,"));
}

static void an_amount_that_paystack_cannot_express_is_the_clients_fault(void **state)
{
    const struct problem *problem;
    (void) state;

    refund.amount = (struct money) { 1231, "KWD" };
    problem = given_paystack()->write_refund(given_a_ctx(), &payment, &refund, &request);
    assert_int_equal(problem->type, PROBLEM_INVALID_AMOUNT);
    assert_int_equal(problem->field_count, 0);
}

static void without_a_known_charge_nothing_is_asked(void **state)
{
    const struct provider *paystack = given_paystack();
    (void) state;

    payment.provider_intent[0] = '\0';
    assert_int_equal(paystack->write_refund(given_a_ctx(), &payment, &refund, &request)->type,
                     PROBLEM_INVALID_PAYMENT_STATE);
    assert_int_equal(paystack->write_list_refunds(given_a_ctx(), &payment, "", &request)->type,
                     PROBLEM_INVALID_PAYMENT_STATE);
}

static void the_list_is_asked_for_page_by_page(void **state)
{
    const struct provider *paystack = given_paystack();
    (void) state;

    assert_null(paystack->write_list_refunds(given_a_ctx(), &payment, "", &request));
    assert_string_equal(request.path, "/refund?transaction=" TRANSACTION "&perPage=100&page=1");
    assert_null(paystack->write_list_refunds(given_a_ctx(), &payment, "7", &request));
    assert_string_equal(request.path, "/refund?transaction=" TRANSACTION "&perPage=100&page=7");
}

/* --- Answers ------------------------------------------------------------------------------- */

static void read_answer(int http_status, struct bytes body)
{
    const struct provider *paystack = given_paystack();

    reply.http_status = http_status;
    reply.body = body;
    memset(&outcome, 0xa5, sizeof(outcome));
    paystack->read_refund_reply(given_a_ctx(), paystack, &payment, &refund, &request, &reply,
                                &outcome);
    if (outcome.verdict != VERDICT_DONE)
        assert_non_null(outcome.problem);
}

static struct bytes given_refund(const char *member, const char *value)
{
    const char *path[] = { "data", member, NULL };

    return given_document_with("paystack-refund", path, value);
}

static void a_queued_refund_is_known_and_pending(void **state)
{
    (void) state;

    read_answer(200, given_document("paystack-refund"));
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_string_equal(outcome.refund.refund_id.text, REFUND_ID);
    assert_string_equal(outcome.refund.ref, "1234567");
    assert_string_equal(outcome.refund.intent, TRANSACTION);
    assert_int_equal(outcome.refund.amount_minor, 2500);
    assert_string_equal(outcome.refund.currency, "NGN");
    assert_int_equal(outcome.refund.status, REFUND_PENDING);
}

static void each_status_means_what_the_table_says(void **state)
{
    static const struct { const char *theirs; enum refund_status ours; } rows[] = {
        { "\"pending\"", REFUND_PENDING }, { "\"processing\"", REFUND_PENDING },
        { "\"needs-attention\"", REFUND_REQUIRES_ACTION }, { "\"processed\"", REFUND_SUCCEEDED },
        { "\"failed\"", REFUND_FAILED },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_answer(200, given_refund("status", rows[i].theirs));
        assert_int_equal(outcome.verdict, VERDICT_DONE);
        assert_int_equal(outcome.refund.status, rows[i].ours);
    }
}

/* Numbers in some of their samples, texts in others. */
static void amounts_and_ids_may_be_texts(void **state)
{
    static const char *const rows[][2] = {
        { "amount", "\"2500\"" }, { "id", "\"1234567\"" }, { "transaction", TRANSACTION },
        { "transaction", "\"" TRANSACTION "\"" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_answer(201, given_refund(rows[i][0], rows[i][1]));
        assert_int_equal(outcome.verdict, VERDICT_DONE);
        assert_int_equal(outcome.refund.amount_minor, 2500);
        assert_string_equal(outcome.refund.ref, "1234567");
        assert_string_equal(outcome.refund.intent, TRANSACTION);
    }
}

static void our_id_is_found_wherever_it_stands_in_the_note(void **state)
{
    static const char *const notes[] = {
        "\"" REFUND_ID "\"", "\"order 7: " REFUND_ID " (Bob)\"", "\"ref_1 " REFUND_ID "x\"",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        read_answer(200, given_refund("merchant_note", notes[i]));
        assert_int_equal(outcome.verdict, VERDICT_DONE);
    }
}

static void an_answer_without_our_note_is_ours_by_transaction_and_amount(void **state)
{
    static const char *const notes[] = { NULL, "\"ref_\"", "\"\"", "null" };
    (void) state;

    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        read_answer(200, given_refund("merchant_note", notes[i]));
        assert_int_equal(outcome.verdict, VERDICT_DONE);
        assert_string_equal(outcome.refund.refund_id.text, refund.id.text);
        assert_int_equal(outcome.refund.created_s, INT64_C(1767225720));
    }
    refund.amount.minor -= 1;
    read_answer(200, given_refund("merchant_note", NULL));
    refund.amount.minor += 1;
    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
}

static void an_answer_about_something_else_is_unknown(void **state)
{
    static const char *const rows[][2] = {
        { "merchant_note", "\"ref_01KE0000000000000000000009\"" }, { "transaction", "17" }, { "transaction", NULL },
        { "status", "\"perhaps\"" }, { "id", NULL }, { "amount", "\"x\"" }, { "amount", "2500.5" },
        { "currency", NULL },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_answer(200, given_refund(rows[i][0], rows[i][1]));
        assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
    }
    read_answer(200, given_document_with("paystack-refund", (const char *[]) { "status", NULL },
                                         "\"false\""));
    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
}

static void each_refusal_means_what_the_table_says(void **state)
{
    static const struct {
        int http_status;
        const char *type, *code, *message;
        enum provider_verdict verdict;
        enum problem_type problem;
    } rows[] = {
        { 400, "validation_error", "invalid_params", "Transaction has been fully reversed",
          VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "validation_error", "", "Refund amount cannot be more than what is left",
          VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "processor_error", "insufficient_balance", "", VERDICT_REFUSED,
          PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "validation_error", "missing_params", "", VERDICT_REFUSED,
          PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 400, "validation_error", "transaction_not_found", "", VERDICT_REFUSED,
          PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 404, "validation_error", "transaction_not_found", "", VERDICT_REFUSED,
          PROBLEM_PROVIDER_REJECTED_REQUEST },
        { 400, "validation_error", "duplicate_reference", "", VERDICT_REFUSED,
          PROBLEM_INVALID_PAYMENT_STATE },
        { 400, "api_error", "", "", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
        { 401, "", "", "", VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED },
        { 429, "", "", "", VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY },
        { 500, "", "", "", VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_answer(rows[i].http_status,
                    given_text("{\"status\":false,\"message\":\"%s\",\"type\":\"%s\",\"code\":\"%s\"}",
                               rows[i].message, rows[i].type, rows[i].code));
        assert_int_equal(outcome.verdict, rows[i].verdict);
        assert_int_equal(outcome.problem->type, rows[i].problem);
    }
}

/* --- Lists --------------------------------------------------------------------------------- */

static struct provider_refund *refunds;
static const char *after;
static int count;

static bool read_list(const char *body)
{
    reply.http_status = 200;
    reply.body = bytes_of(body);
    return given_paystack()->read_refund_list(given_a_ctx(), &payment, &reply, &refunds, &count,
                                              &after);
}

#define ENTRY(id, transaction, amount, note) \
    "{\"id\":" id ",\"transaction\":" transaction ",\"amount\":" amount ",\"currency\":\"NGN\"," \
    "\"status\":\"processed\",\"domain\":\"test\",\"merchant_note\":\"" note "\"}"
#define META(page, page_count) \
    "\"meta\":{\"total\":3,\"skipped\":0,\"perPage\":\"100\",\"page\":" page "," \
    "\"pageCount\":" page_count "}"
#define LIST(data, meta) "{\"status\":true,\"message\":\"Refunds retrieved\",\"data\":[" data "]," meta "}"

static void a_list_tells_each_refund_of_the_payment(void **state)
{
    (void) state;

    assert_true(read_list(LIST(ENTRY("18446744073709551615", TRANSACTION, "100", "by hand") ","
                               ENTRY("6", "17", "300", "another payment's") ","
                               ENTRY("\"5\"", TRANSACTION, "\"2500\"", REFUND_ID), META("1", "1"))));
    assert_int_equal(count, 2);
    assert_string_equal(refunds[0].ref, "18446744073709551615");
    assert_string_equal(refunds[0].refund_id.text, "");
    assert_string_equal(refunds[1].ref, "5");
    assert_string_equal(refunds[1].refund_id.text, REFUND_ID);
    assert_int_equal(refunds[1].status, REFUND_SUCCEEDED);
    assert_string_equal(after, "");
}

/* A lost dispute's money is booked as the dispute's; the refund that Paystack made for it is the same money. */
static void a_refund_made_for_a_dispute_is_no_refund_of_ours(void **state)
{
#define OF_DISPUTE(dispute) "{\"id\":8,\"transaction\":" TRANSACTION ",\"amount\":100,\"currency\":\"NGN\"," \
    "\"status\":\"processed\",\"domain\":\"test\",\"dispute\":" dispute "}"
    (void) state;

    assert_true(read_list(LIST(OF_DISPUTE("358950") "," OF_DISPUTE("{\"id\":358950}"), META("1", "1"))));
    assert_int_equal(count, 0);
    assert_true(read_list(LIST(OF_DISPUTE("null"), META("1", "1"))));
    assert_int_equal(count, 1);
}

static void a_list_says_where_it_goes_on_and_where_it_ends(void **state)
{
    static const struct { const char *body, *after; } rows[] = {
        { LIST("", META("1", "0")), "" }, { LIST("", META("1", "1")), "" },
        { LIST("", META("1", "3")), "2" }, { LIST("", META("2", "3")), "3" },
        { LIST("", META("3", "3")), "" }, { LIST("", META("\"2\"", "\"12\"")), "3" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(read_list(rows[i].body));
        assert_string_equal(after, rows[i].after);
    }
}

static void a_list_that_cannot_be_read_to_its_end_tells_nothing(void **state)
{
    static const char *const bodies[] = {
        "", "{}", "[]", "{\"status\":true}", "{\"status\":true,\"data\":{}}",
        "{\"status\":true,\"data\":[]}",
        "{\"status\":false,\"data\":[]," META("1", "1") "}",
        "{\"status\":true,\"data\":[],\"meta\":{\"page\":1}}",
        LIST("{}", META("1", "1")),
        LIST(ENTRY("1", "null", "100", ""), META("1", "1")),
        LIST(ENTRY("1", TRANSACTION, "1.5", ""), META("1", "1")),
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_false(read_list(bodies[i]));
    reply.complete = false;
    assert_false(read_list(LIST("", META("1", "1"))));
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_refund_bears_our_id_in_its_note),
        CASE(an_amount_without_decimals_is_sent_in_hundredths),
        CASE(an_amount_that_paystack_cannot_express_is_the_clients_fault),
        CASE(without_a_known_charge_nothing_is_asked),
        CASE(the_list_is_asked_for_page_by_page),
        CASE(a_queued_refund_is_known_and_pending),
        CASE(each_status_means_what_the_table_says),
        CASE(amounts_and_ids_may_be_texts),
        CASE(our_id_is_found_wherever_it_stands_in_the_note),
        CASE(an_answer_without_our_note_is_ours_by_transaction_and_amount),
        CASE(an_answer_about_something_else_is_unknown),
        CASE(each_refusal_means_what_the_table_says),
        CASE(a_list_tells_each_refund_of_the_payment),
        CASE(a_refund_made_for_a_dispute_is_no_refund_of_ours),
        CASE(a_list_says_where_it_goes_on_and_where_it_ends),
        CASE(a_list_that_cannot_be_read_to_its_end_tells_nothing),
    };

    return cmocka_run_group_tests_name("paystack_refunds", tests, fixture_set_up, fixture_tear_down);
}
