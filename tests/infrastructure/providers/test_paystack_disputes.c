/*
 * What Paystack lists of a payment's disputes. Source: docs/facts.md section 7.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/providers/paystack_fixture.h"

#define TRANSACTION "302961"

static struct payment payment;
static struct provider_dispute *disputes;
static int count;

static int set_up(void **state)
{
    fixture_reset(state);
    payment = given_a_naira_payment();
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), TRANSACTION);
    disputes = NULL;
    count = -1;
    return 0;
}

#define DISPUTE(status, resolution, money, transaction) \
    "{\"id\":358950,\"domain\":\"test\",\"status\":\"" status "\",\"resolution\":" resolution "," money \
    ",\"currency\":\"NGN\",\"category\":\"fraud\",\"dueAt\":\"2026-01-12T10:00:00.000Z\"," \
    "\"updatedAt\":\"2026-01-11T10:00:00.000Z\",\"transaction\":{\"id\":" transaction ",\"amount\":10000}}"
#define AMOUNT(hundredths) "\"refund_amount\":" hundredths
#define OPEN DISPUTE("awaiting-merchant-feedback", "null", AMOUNT("10000"), TRANSACTION)
#define LIST(entries, pages) \
    "{\"status\":true,\"message\":\"Disputes retrieved\",\"data\":[" entries "]," \
    "\"meta\":{\"total\":1,\"perPage\":100,\"page\":1,\"pageCount\":" pages "}}"

static bool read_answer(int http_status, bool complete, const char *body)
{
    struct provider_reply reply = { .http_status = http_status, .sent = true, .complete = complete,
                                    .should_retry = -1, .request_id = "", .error = "",
                                    .body = bytes_of(body) };

    return given_paystack()->read_dispute_list(given_a_ctx(), &payment, &reply, &disputes, &count);
}

static void the_list_is_asked_for_by_the_transactions_id(void **state)
{
    struct provider_request request;
    (void) state;

    assert_null(given_paystack()->write_list_disputes(given_a_ctx(), &payment, &request));
    assert_int_equal(request.operation, OP_LIST_DISPUTES);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/dispute?transaction=" TRANSACTION "&perPage=100");
    payment.provider_intent[0] = '\0';
    assert_int_equal(given_paystack()->write_list_disputes(given_a_ctx(), &payment, &request)->type,
                     PROBLEM_INVALID_PAYMENT_STATE);
}

static void a_dispute_is_as_it_stood_when_it_was_listed(void **state)
{
    (void) state;

    assert_true(read_answer(200, true, LIST(OPEN, "1")));
    assert_int_equal(count, 1);
    assert_string_equal(disputes[0].ref, "358950");
    assert_string_equal(disputes[0].intent, TRANSACTION);
    assert_string_equal(disputes[0].facts.reason, "fraud");
    assert_int_equal(disputes[0].facts.amount_minor, 10000);
    assert_false(disputes[0].facts.amount_assumed);
    assert_int_equal(disputes[0].facts.due_at_s, 1768212000);
    assert_int_equal(disputes[0].facts.at_ms, given_a_ctx()->now_ms);
}

static void each_state_means_what_the_table_says_and_lost_is_taken(void **state)
{
    static const struct { const char *body; enum dispute_status ours; int64_t taken; } rows[] = {
#define ONE(status, resolution) LIST(DISPUTE(status, resolution, AMOUNT("4000"), TRANSACTION), "1")
        { ONE("awaiting-merchant-feedback", "null"), DISPUTE_OPEN, 0 },
        { ONE("awaiting-bank-feedback", "null"), DISPUTE_OPEN, 0 },
        { ONE("pending", "null"), DISPUTE_OPEN, 0 },
        { ONE("resolved", "\"declined\""), DISPUTE_WON, 0 },
        { ONE("resolved", "\"merchant-accepted\""), DISPUTE_LOST, 4000 },
        { ONE("resolved", "\"auto-accepted\""), DISPUTE_LOST, 4000 },
        { ONE("archived", "\"merchant-accepted\""), DISPUTE_LOST, 4000 },
        { ONE("archived", "\"declined\""), DISPUTE_WON, 0 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(read_answer(200, true, rows[i].body));
        assert_int_equal(disputes[0].facts.fact.status, rows[i].ours);
        assert_int_equal(disputes[0].facts.amount_minor, 4000);
        assert_int_equal(disputes[0].facts.withdrawn_minor, rows[i].taken);
    }
}

static void a_won_dispute_that_names_nothing_to_give_back_was_over_the_whole(void **state)
{
    static const char *const bodies[] = {
        LIST(DISPUTE("resolved", "\"declined\"", AMOUNT("0"), TRANSACTION), "1"),
        LIST(DISPUTE("resolved", "\"declined\"", AMOUNT("null"), TRANSACTION), "1"),
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_true(read_answer(200, true, bodies[i]));
        assert_int_equal(disputes[0].facts.amount_minor, 10000);
        assert_int_equal(disputes[0].facts.withdrawn_minor, 0);
    }
}

/* Taken for nothing it would let refunds through, beside what the bank takes. */
static void a_dispute_without_an_amount_is_over_the_whole(void **state)
{
    static const char *const bodies[] = {
        LIST(DISPUTE("pending", "null", AMOUNT("null"), TRANSACTION), "1"),
        LIST(DISPUTE("resolved", "\"auto-accepted\"", AMOUNT("null"), TRANSACTION), "1"),
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_true(read_answer(200, true, bodies[i]));
        assert_int_equal(disputes[0].facts.amount_minor, 10000);
        assert_int_equal(disputes[0].facts.withdrawn_minor, i == 0 ? 0 : 10000);
        assert_true(disputes[0].facts.amount_assumed);
    }
}

static void none_and_those_of_another_transaction_are_none(void **state)
{
    static const char *const bodies[] = {
        LIST("", "0"), LIST("", "1"),
        LIST(DISPUTE("pending", "null", AMOUNT("1"), "7"), "1"),
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        count = -1;
        assert_true(read_answer(200, true, bodies[i]));
        assert_int_equal(count, 0);
    }
}

static void what_is_no_whole_list_tells_nothing(void **state)
{
    static const struct { int status; bool complete; const char *body; } rows[] = {
        { 200, false, LIST(OPEN, "1") }, { 500, true, LIST(OPEN, "1") }, { 200, true, "" },
        { 200, true, LIST(OPEN, "2") },                         /* there is more */
        { 200, true, LIST(OPEN, "null") },
        { 200, true, "{\"status\":true,\"data\":[" OPEN "]}" },
        { 200, true, "{\"status\":false,\"data\":[],\"meta\":{\"page\":1,\"pageCount\":1}}" },
        { 200, true, "{\"status\":true,\"data\":{},\"meta\":{\"page\":1,\"pageCount\":1}}" },
        { 200, true, LIST(DISPUTE("resolved", "null", AMOUNT("1"), TRANSACTION), "1") },
        { 200, true, LIST(DISPUTE("new-word", "null", AMOUNT("1"), TRANSACTION), "1") },
        { 200, true, LIST(DISPUTE("pending", "null", AMOUNT("0"), TRANSACTION), "1") },
        { 200, true, LIST("{\"id\":358950,\"domain\":\"test\",\"status\":\"pending\",\"refund_amount\":null,"
                          "\"currency\":\"NGN\",\"transaction\":" TRANSACTION "}", "1") },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(read_answer(rows[i].status, rows[i].complete, rows[i].body));
        assert_int_equal(count, -1);
    }
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_list_is_asked_for_by_the_transactions_id),
        CASE(a_dispute_is_as_it_stood_when_it_was_listed),
        CASE(each_state_means_what_the_table_says_and_lost_is_taken),
        CASE(a_won_dispute_that_names_nothing_to_give_back_was_over_the_whole),
        CASE(a_dispute_without_an_amount_is_over_the_whole),
        CASE(none_and_those_of_another_transaction_are_none),
        CASE(what_is_no_whole_list_tells_nothing),
    };

    return cmocka_run_group_tests_name("paystack_disputes", tests, fixture_set_up, fixture_tear_down);
}
