/* The lists of an account in place of a list of events: each item is the event that its webhook would be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/providers/paystack_fixture.h"

static struct provider_request request;
static struct provider_event_page page;
static struct provider_event event;

static const char *path_at(const char *after)
{
    assert_null(given_paystack()->write_list_events(given_a_ctx(), 1767225600, after, &request));
    assert_int_equal(request.operation, OP_LIST_EVENTS);
    assert_string_equal(request.method, "GET");
    return request.path;
}

static bool read_list(const char *after, const char *body)
{
    struct provider_reply reply = { .http_status = 200, .sent = true, .complete = true, .should_retry = -1,
                                    .request_id = "", .error = "", .body = bytes_of(body) };

    return given_paystack()->read_event_list(given_a_ctx(), after, &reply, &page);
}

static const struct problem *read_item(int at)
{
    const struct provider *paystack = given_paystack();

    return paystack->read_webhook(given_a_paystack_ctx(paystack), page.bodies[at], &event);
}

#define LIST(items, page, pages) "{\"status\":true,\"message\":\"retrieved\",\"data\":[" items "],\"meta\":" \
    "{\"total\":9,\"skipped\":0,\"perPage\":\"100\",\"page\":" page ",\"pageCount\":" pages "}}"
#define CHARGE_DATA(status, more) "{\"id\":302961,\"domain\":\"test\",\"status\":\"" status "\",\"reference\":\"" \
    FIXTURE_REFERENCE "\",\"amount\":10000,\"currency\":\"NGN\",\"created_at\":\"2026-01-11T10:00:00.000Z\"" more "}"
#define REFUND "{\"id\":7,\"domain\":\"test\",\"status\":\"processed\",\"amount\":5000,\"currency\":\"NGN\"," \
    "\"transaction\":302961,\"transaction_reference\":null,\"createdAt\":\"2026-01-12T10:00:00.000Z\"}"
#define DISPUTE(status) "{\"id\":358950,\"domain\":\"test\",\"status\":\"" status "\",\"resolution\":null," \
    "\"refund_amount\":10000,\"currency\":\"NGN\"," \
    "\"transaction\":{\"id\":302961,\"reference\":\"" FIXTURE_REFERENCE "\"}}"

static void each_list_is_asked_for_from_a_time_on_and_page_by_page(void **state)
{
    (void) state;
#define SINCE "?from=2026-01-01T00%3A00%3A00.000Z&perPage=100&page="
    assert_string_equal(path_at(""), "/transaction" SINCE "1&status=success");
    assert_string_equal(path_at("success:2"), "/transaction" SINCE "2&status=success");
    assert_string_equal(path_at("reversed:1"), "/transaction" SINCE "1&status=reversed");
    assert_string_equal(path_at("refund:12"), "/refund" SINCE "12");
    assert_string_equal(path_at("dispute:1"), "/dispute" SINCE "1");
}

static void a_place_that_was_never_given_is_the_beginning(void **state)
{
    static const char *const places[] = { "evt_1", "payout:1", "refund", "refund:0", "refund:-1", "refund:x", ":2" };
    (void) state;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        assert_non_null(strstr(path_at(places[i]), "page=1&status=success"));
}

static void the_lists_are_read_one_after_the_other(void **state)
{
    static const struct { const char *at, *body, *after; } rows[] = {
        { "", LIST("", "1", "2"), "success:2" },           { "success:2", LIST("", "2", "2"), "reversed:1" },
        { "reversed:1", LIST("", "1", "0"), "refund:1" },  { "refund:1", LIST("", "1", "1"), "dispute:1" },
        { "dispute:1", LIST("", "1", "2"), "dispute:2" },  { "dispute:2", LIST("", "2", "2"), "" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(read_list(rows[i].at, rows[i].body));
        assert_string_equal(page.after, rows[i].after);
    }
}

static void a_transaction_is_the_event_of_its_charge(void **state)
{
    char listed[PROVIDER_EVENT_ID_MAX];
    const struct provider *paystack = given_paystack();
    (void) state;

    assert_true(read_list("", LIST(CHARGE_DATA("success", ""), "1", "1")));
    assert_int_equal(page.count, 1);
    assert_int_equal(page.newest_s, 1768125600);
    assert_null(read_item(0));
    assert_string_equal(event.type, "charge.success");
    assert_int_equal(event.kind, PROVIDER_EVENT_LATER);
    assert_true(event.says_paid);
    assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);

    memcpy(listed, event.id, sizeof(listed));           /* as it was delivered, with what only webhooks have */
    assert_null(paystack->read_webhook(given_a_paystack_ctx(paystack), bytes_of(
        "{\"event\":\"charge.success\",\"data\":" CHARGE_DATA("success", ",\"fees\":150") "}"), &event));
    assert_string_equal(event.id, listed);
}

static void what_was_reversed_says_no_longer_that_money_is_there(void **state)
{
    (void) state;
    assert_true(read_list("reversed:1", LIST(CHARGE_DATA("reversed", ""), "1", "1")));
    assert_null(read_item(0));
    assert_int_equal(event.kind, PROVIDER_EVENT_LATER);
    assert_false(event.says_paid);
}

static void a_refund_and_a_dispute_are_hints_about_their_transaction(void **state)
{
    (void) state;
    assert_true(read_list("refund:1", LIST(REFUND, "1", "1")));
    assert_null(read_item(0));
    assert_string_equal(event.type, "refund.processed");
    assert_int_equal(event.kind, PROVIDER_EVENT_LATER);
    assert_string_equal(event.payment.intent, "302961");

    assert_true(read_list("dispute:1", LIST(DISPUTE("awaiting-merchant-feedback") "," DISPUTE("resolved"), "1", "1")));
    assert_null(read_item(0));
    assert_string_equal(event.type, "charge.dispute.create");
    assert_int_equal(event.kind, PROVIDER_EVENT_DISPUTE);
    assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_null(read_item(1));
    assert_string_equal(event.type, "charge.dispute.resolve");
    assert_int_equal(event.kind, PROVIDER_EVENT_LATER);
}

static void one_odd_item_does_not_stop_a_list(void **state)
{
    (void) state;
    assert_true(read_list("", LIST("7,{},{\"id\":1,\"id\":2}," CHARGE_DATA("success", ",\"x\":\"\\u0000\\ud83d\"") ","
                                   "{\"id\":18446744073709551615,\"reference\":\"a\"}", "1", "1")));
    assert_int_equal(page.count, 5);
    assert_non_null(read_item(2));
    assert_null(read_item(3));
    assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_null(read_item(4));
}

static void what_is_no_such_list_is_not_taken_for_its_end(void **state)
{
    static const char *const bodies[] = {
        "", "{}", "[]", "{\"status\":true,\"data\":[]}",
        "{\"status\":false,\"data\":[],\"meta\":{\"page\":1,\"pageCount\":1}}",
        "{\"status\":true,\"data\":{},\"meta\":{\"page\":1,\"pageCount\":1}}",
        "{\"status\":true,\"data\":[],\"meta\":{}}", "<html>",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_false(read_list("", bodies[i]));
}

#define CASE(name) cmocka_unit_test_setup(name, fixture_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_list_is_asked_for_from_a_time_on_and_page_by_page),
        CASE(a_place_that_was_never_given_is_the_beginning),
        CASE(the_lists_are_read_one_after_the_other),
        CASE(a_transaction_is_the_event_of_its_charge),
        CASE(what_was_reversed_says_no_longer_that_money_is_there),
        CASE(a_refund_and_a_dispute_are_hints_about_their_transaction),
        CASE(one_odd_item_does_not_stop_a_list),
        CASE(what_is_no_such_list_is_not_taken_for_its_end),
    };

    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
