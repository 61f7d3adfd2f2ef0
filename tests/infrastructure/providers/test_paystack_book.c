/*
 * What moved money on the account, as Paystack lists it.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/providers/paystack_fixture.h"

static struct provider_request request;
static struct provider_book_page page;

static bool read_body(enum book_kind kind, const char *body)
{
    const struct provider *provider = given_paystack();
    struct provider_reply reply = { .http_status = 200, .sent = true, .complete = true,
                                    .request_id = "", .error = "", .body = bytes_of(body) };

    return provider->read_book(given_a_paystack_ctx(provider), provider, kind, &reply, &page);
}

#define LIST(entries, at, pages) \
    "{\"status\":true,\"message\":\"ok\",\"data\":[" entries "],\"meta\":{\"page\":" at ",\"pageCount\":" pages "}}"
#define TRANSACTION(status, amount, requested, fees, domain) \
    "{\"id\":4099260516,\"domain\":\"" domain "\",\"status\":\"" status "\",\"reference\":\"" FIXTURE_REFERENCE "\"," \
    "\"amount\":" amount ",\"requested_amount\":" requested ",\"fees\":" fees ",\"currency\":\"NGN\"," \
    "\"paid_at\":\"2026-01-01T00:00:10.000Z\",\"metadata\":{\"order_id\":\"abc-123\",\"payapi_proof\":\"aa.bb\"}}"

/* --- Requests ------------------------------------------------------------------------------ */

static void each_book_is_asked_for_by_its_day(void **state)
{
    const struct provider *provider = given_paystack();
    struct ctx *ctx = given_a_paystack_ctx(provider);
    (void) state;

    assert_null(provider->write_list_book(ctx, BOOK_CHARGES, 1767225600, 1767312000, "", &request));
    assert_string_equal(request.path, "/transaction?from=2026-01-01T00%3A00%3A00.000Z"
                                      "&to=2026-01-01T23%3A59%3A59.999Z&perPage=100&page=1");
    assert_null(provider->write_list_book(ctx, BOOK_REFUNDS, 1767225600, 1767312000, "3", &request));
    assert_non_null(strstr(request.path, "/refund?from="));
    assert_non_null(strstr(request.path, "&page=3"));
    assert_null(provider->write_list_book(ctx, BOOK_DISPUTES, 1767225600, 1767312000, "", &request));
    assert_non_null(strstr(request.path, "/dispute?from="));
}

/* --- Transactions -------------------------------------------------------------------------- */

static void a_transaction_is_named_by_its_id_and_says_whose_it_is(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST(TRANSACTION("success", "10000", "10000", "150", "test"), "1", "3")));
    assert_int_equal(page.count, 1);
    assert_string_equal(page.after, "2");
    assert_string_equal(page.entries[0].entry.ref, "4099260516");
    assert_string_equal(page.entries[0].payment.intent, "4099260516");
    assert_string_equal(page.entries[0].payment.ref, FIXTURE_REFERENCE);
    assert_true(page.entries[0].payment.named_by_us);
    assert_string_equal(page.entries[0].payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(page.entries[0].payment.order_id.text, "abc-123");
    assert_int_equal(page.entries[0].entry.moved.minor, 10000);
    assert_int_equal(page.entries[0].entry.at_ms, INT64_C(1767225610000));
    assert_true(page.entries[0].fee_told);
    assert_int_equal(page.entries[0].fee_minor, 150);
    assert_false(page.entries[0].net_told);
    assert_string_equal(page.entries[0].settled_currency, "NGN");
}

static void a_fee_that_the_payer_bore_is_no_part_of_what_came(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST(TRANSACTION("success", "10150", "10000", "150", "test"), "1", "1")));
    assert_int_equal(page.entries[0].entry.moved.minor, 10000);
    assert_true(read_body(BOOK_CHARGES, LIST(TRANSACTION("success", "10151", "10000", "150", "test"), "1", "1")));
    assert_int_equal(page.entries[0].entry.moved.minor, 10151);
    assert_string_equal(page.after, "");
}

static void money_that_did_not_come_is_left_out(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST(TRANSACTION("abandoned", "10000", "10000", "null", "test") ","
                                             TRANSACTION("failed", "10000", "10000", "null", "test"), "1", "1")));
    assert_int_equal(page.count + page.unreadable, 0);
    assert_true(read_body(BOOK_CHARGES, LIST(TRANSACTION("reversed", "10000", "10000", "150", "test"), "1", "1")));
    assert_int_equal(page.count, 1);
}

static void the_other_mode_is_not_ours(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST(TRANSACTION("success", "10000", "10000", "150", "live"), "1", "1")));
    assert_true(page.entries[0].other_mode);
}

static void an_object_that_cannot_be_read_is_counted(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST("{},7,{\"id\":1,\"status\":\"success\",\"reference\":\"r\"},"
                                             TRANSACTION("success", "10000", "10000", "150", "test"), "1", "1")));
    assert_int_equal(page.unreadable, 3);
    assert_int_equal(page.count, 1);
}

/* --- Refunds and disputes ------------------------------------------------------------------ */

#define REFUND(status, dispute) \
    "{\"id\":77,\"domain\":\"test\",\"transaction\":4099260516,\"transaction_reference\":\"" FIXTURE_REFERENCE "\"," \
    "\"status\":\"" status "\",\"amount\":1500,\"currency\":\"NGN\",\"merchant_note\":\"\",\"dispute\":" dispute "," \
    "\"createdAt\":\"2026-01-01T00:00:10.000Z\"}"

static void a_refund_moved_its_amount_once_it_was_processed(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_REFUNDS, LIST(REFUND("processed", "null"), "1", "1")));
    assert_string_equal(page.entries[0].entry.ref, "77");
    assert_string_equal(page.entries[0].payment.intent, "4099260516");
    assert_string_equal(page.entries[0].payment.ref, FIXTURE_REFERENCE);
    assert_int_equal(page.entries[0].entry.moved.minor, -1500);
    assert_int_equal(page.entries[0].entry.at_ms, INT64_C(1767225610000));
    assert_true(read_body(BOOK_REFUNDS, LIST(REFUND("pending", "null") "," REFUND("failed", "null"), "1", "1")));
    assert_int_equal(page.entries[0].entry.moved.minor, 0);
    assert_false(page.entries[0].entry.idle);
    assert_true(page.entries[1].entry.idle);
}

static void a_refund_of_a_dispute_is_the_disputes_money(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_REFUNDS, LIST(REFUND("processed", "{\"id\":5}"), "1", "1")));
    assert_int_equal(page.count + page.unreadable, 0);
}

#define DISPUTE(status, resolution) \
    "{\"id\":5,\"refund_amount\":10000,\"currency\":\"NGN\",\"status\":\"" status "\",\"resolution\":" resolution "," \
    "\"transaction\":{\"id\":4099260516,\"reference\":\"" FIXTURE_REFERENCE "\",\"amount\":10000,\"currency\":\"NGN\"}," \
    "\"resolvedAt\":\"2026-01-01T00:00:10.000Z\"}"

static void a_dispute_moved_its_amount_once_it_was_lost(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_DISPUTES, LIST(DISPUTE("resolved", "\"auto-accepted\""), "1", "1")));
    assert_string_equal(page.entries[0].entry.ref, "5");
    assert_string_equal(page.entries[0].payment.ref, FIXTURE_REFERENCE);
    assert_int_equal(page.entries[0].entry.moved.minor, -10000);
    assert_int_equal(page.entries[0].entry.at_ms, INT64_C(1767225610000));
    assert_true(read_body(BOOK_DISPUTES, LIST(DISPUTE("awaiting-merchant-feedback", "null"), "1", "1")));
    assert_int_equal(page.entries[0].entry.moved.minor, 0);
    assert_int_equal(page.entries[0].entry.at_ms, 0);
}

/* --- What is no page ----------------------------------------------------------------------- */

static void nothing_is_concluded_from_what_is_no_list(void **state)
{
    static const char *const bodies[] = {
        "", "[]", "{}", "{\"status\":true,\"data\":[]}", "{\"status\":false,\"data\":[],\"meta\":{\"page\":1,\"pageCount\":1}}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_false(read_body(BOOK_CHARGES, bodies[i]));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(each_book_is_asked_for_by_its_day),
        TEST(a_transaction_is_named_by_its_id_and_says_whose_it_is),
        TEST(a_fee_that_the_payer_bore_is_no_part_of_what_came),
        TEST(money_that_did_not_come_is_left_out),
        TEST(the_other_mode_is_not_ours),
        TEST(an_object_that_cannot_be_read_is_counted),
        TEST(a_refund_moved_its_amount_once_it_was_processed),
        TEST(a_refund_of_a_dispute_is_the_disputes_money),
        TEST(a_dispute_moved_its_amount_once_it_was_lost),
        TEST(nothing_is_concluded_from_what_is_no_list),
    };

    return cmocka_run_group_tests_name("paystack_book", tests, fixture_set_up, fixture_tear_down);
}
