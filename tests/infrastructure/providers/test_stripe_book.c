/*
 * What moved money on the account, as Stripe lists it, with what it kept.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/providers/stripe_fixture.h"

static struct provider_request request;
static struct provider_book_page page;

static bool read_body(enum book_kind kind, const char *body)
{
    struct provider_reply reply = { .http_status = 200, .sent = true, .complete = true,
                                    .request_id = "req_1", .error = "", .body = bytes_of(body) };

    return given_stripe()->read_book(given_a_ctx(), given_stripe(), kind, &reply, &page);
}

#define LIST_OF(url, entries, more) \
    "{\"object\":\"list\",\"url\":\"" url "\",\"has_more\":" more ",\"data\":[" entries "]}"
#define LIST(entries, more) LIST_OF("/v1/charges", entries, more)
#define MOVEMENT(fee, net, currency) \
    "{\"id\":\"txn_1\",\"object\":\"balance_transaction\",\"created\":1767225700,\"amount\":-9999,\"fee\":" fee \
    ",\"net\":" net ",\"currency\":\"" currency "\"}"
#define CHARGE(id, status, captured, intent, movement) \
    "{\"id\":\"" id "\",\"object\":\"charge\",\"created\":1767225600,\"livemode\":false,\"status\":\"" status "\"," \
    "\"amount\":9999,\"amount_captured\":" captured ",\"currency\":\"usd\",\"payment_intent\":" intent "," \
    "\"balance_transaction\":" movement ",\"metadata\":{\"payment_id\":\"" FIXTURE_PAYMENT_ID "\"," \
    "\"order_id\":\"abc-123\",\"payapi_proof\":\"aa.bb\"}}"
#define PAID(id, intent) CHARGE(id, "succeeded", "9999", intent, "null")

/* --- Requests ------------------------------------------------------------------------------ */

static void each_book_is_asked_for_by_its_day(void **state)
{
    (void) state;
    assert_null(given_stripe()->write_list_book(given_a_ctx(), BOOK_CHARGES, 100, 200, "", &request));
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/v1/charges?limit=100&created[gte]=100&created[lt]=200"
                                      "&expand[]=data.balance_transaction");
    assert_null(given_stripe()->write_list_book(given_a_ctx(), BOOK_REFUNDS, 100, 200, "re_&1", &request));
    assert_string_equal(request.path, "/v1/refunds?limit=100&created[gte]=100&created[lt]=200"
                                      "&starting_after=re_%261&expand[]=data.balance_transaction");
    assert_null(given_stripe()->write_list_book(given_a_ctx(), BOOK_DISPUTES, 100, 200, "", &request));
    assert_string_equal(request.path, "/v1/disputes?limit=100&created[gte]=100&created[lt]=200");
}

/* --- Charges ------------------------------------------------------------------------------- */

static void a_charge_is_named_by_its_intent_and_says_whose_it_is(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST(CHARGE("ch_1", "succeeded", "9999", "\"pi_1\"",
                                                    MOVEMENT("320", "9679", "usd")), "false")));
    assert_int_equal(page.count, 1);
    assert_string_equal(page.after, "balance");
    assert_string_equal(page.entries[0].entry.ref, "pi_1");
    assert_string_equal(page.entries[0].told_ref, "ch_1");
    assert_int_equal(page.entries[0].entry.moved.minor, 9999);
    assert_string_equal(page.entries[0].entry.moved.currency, "USD");
    assert_int_equal(page.entries[0].entry.at_ms, INT64_C(1767225700000));      /* the movement's */
    assert_string_equal(page.entries[0].payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(page.entries[0].payment.intent, "pi_1");
    assert_string_equal(page.entries[0].payment.proof, "aa.bb");
    assert_false(page.entries[0].other_mode);
}

static void what_stripe_kept_is_in_the_currency_that_was_settled(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST(CHARGE("ch_1", "succeeded", "9999", "\"pi_1\"",
                                                    MOVEMENT("45", "1449", "jpy")), "false")));
    assert_true(page.entries[0].fee_told && page.entries[0].net_told);
    assert_int_equal(page.entries[0].fee_minor, 45);
    assert_int_equal(page.entries[0].net_minor, 1449);
    assert_string_equal(page.entries[0].settled_currency, "JPY");
}

static void what_is_not_told_is_not_invented(void **state)
{
    static const char *const bodies[] = {
        LIST(CHARGE("ch_1", "succeeded", "9999", "\"pi_1\"", "null"), "false"),
        LIST(CHARGE("ch_1", "succeeded", "9999", "\"pi_1\"", "\"txn_1\""), "false"),
        LIST(CHARGE("ch_1", "succeeded", "9999", "\"pi_1\"", MOVEMENT("null", "\"x\"", "usd")), "false"),
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_true(read_body(BOOK_CHARGES, bodies[i]));
        assert_false(page.entries[0].fee_told || page.entries[0].net_told);
        assert_string_equal(page.entries[0].settled_currency, "");
    }
}

static void a_charge_that_took_nothing_is_left_out(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES,
                          LIST(CHARGE("ch_1", "failed", "0", "\"pi_1\"", "null") ","
                               CHARGE("ch_2", "pending", "0", "\"pi_1\"", "null") ","
                               CHARGE("ch_3", "succeeded", "0", "\"pi_1\"", "null"), "true")));
    assert_int_equal(page.count, 0);
    assert_int_equal(page.unreadable, 0);
    assert_string_equal(page.after, "ch_3");
}

static void a_charge_without_an_intent_goes_by_its_own_name(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST(PAID("ch_1", "null"), "false")));
    assert_string_equal(page.entries[0].entry.ref, "ch_1");
    assert_string_equal(page.entries[0].payment.intent, "");
}

static void an_object_that_cannot_be_read_is_counted(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES,
                          LIST("{\"id\":\"ch_0\"},17,{\"id\":\"ch_9\",\"object\":\"charge\",\"created\":1,"
                               "\"status\":\"succeeded\",\"amount_captured\":5,\"currency\":\"xyzw\"},"
                               PAID("ch_1", "\"pi_1\""), "true")));
    assert_int_equal(page.unreadable, 3);
    assert_int_equal(page.count, 1);
    assert_string_equal(page.after, "ch_1");
}

/* --- Refunds and disputes ------------------------------------------------------------------ */

#define REFUND(status) \
    "{\"id\":\"re_1\",\"object\":\"refund\",\"created\":1767225600,\"status\":\"" status "\",\"amount\":1500," \
    "\"currency\":\"usd\",\"payment_intent\":\"pi_1\",\"metadata\":{}," \
    "\"balance_transaction\":" MOVEMENT("0", "-1500", "usd") "}"

static void a_refund_moved_its_amount_once_it_succeeded(void **state)
{
    static const struct { const char *body; int64_t moved; bool idle; } cases[] = {
        { LIST(REFUND("succeeded"), "false"), -1500, false },
        { LIST(REFUND("pending"), "false"), 0, false },
        { LIST(REFUND("failed"), "false"), 0, true },
        { LIST(REFUND("canceled"), "false"), 0, true },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(read_body(BOOK_REFUNDS, cases[i].body));
        assert_string_equal(page.entries[0].entry.ref, "re_1");
        assert_string_equal(page.entries[0].payment.intent, "pi_1");
        assert_int_equal(page.entries[0].entry.moved.minor, cases[i].moved);
        assert_int_equal(page.entries[0].entry.at_ms, cases[i].moved != 0 ? INT64_C(1767225600000) : 0);
        assert_true(page.entries[0].entry.idle == cases[i].idle);
        assert_int_equal(page.entries[0].net_minor, -1500);
    }
}

#define DISPUTE(status, movements) \
    "{\"id\":\"dp_1\",\"object\":\"dispute\",\"created\":1767225600,\"status\":\"" status "\",\"amount\":9999," \
    "\"currency\":\"usd\",\"payment_intent\":\"pi_1\",\"reason\":\"general\",\"balance_transactions\":[" movements "]}"

static void a_dispute_moved_what_was_taken_and_not_given_back(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_DISPUTES,
                          LIST(DISPUTE("needs_response", MOVEMENT("1500", "-11499", "usd")), "false")));
    assert_int_equal(page.entries[0].entry.moved.minor, -9999);
    assert_int_equal(page.entries[0].entry.at_ms, INT64_C(1767225700000));
    assert_int_equal(page.entries[0].fee_minor, 1500);
    assert_int_equal(page.entries[0].net_minor, -11499);
    assert_true(read_body(BOOK_DISPUTES, LIST(DISPUTE("warning_needs_response", ""), "false")));
    assert_int_equal(page.entries[0].entry.moved.minor, 0);
    assert_int_equal(page.entries[0].entry.at_ms, 0);
}

/* --- The balance --------------------------------------------------------------------------- */

static void the_balance_is_read_behind_charges_and_refunds(void **state)
{
    (void) state;
    assert_null(given_stripe()->write_list_book(given_a_ctx(), BOOK_CHARGES, 100, 200, "balance", &request));
    assert_string_equal(request.path, "/v1/balance_transactions?limit=100&created[gte]=100&created[lt]=200"
                                      "&expand[]=data.source");
    assert_null(given_stripe()->write_list_book(given_a_ctx(), BOOK_REFUNDS, 100, 200, "txn_7", &request));
    assert_string_equal(request.path, "/v1/balance_transactions?limit=100&created[gte]=100&created[lt]=200"
                                      "&starting_after=txn_7&expand[]=data.source");
    assert_true(read_body(BOOK_DISPUTES, LIST("", "false")));
    assert_string_equal(page.after, "");
    assert_true(read_body(BOOK_CHARGES, LIST_OF("/v1/balance_transactions", "", "false")));
    assert_string_equal(page.after, "");
}

#define BALANCE(created, source) \
    "{\"id\":\"txn_9\",\"object\":\"balance_transaction\",\"created\":" created ",\"amount\":9999,\"fee\":80," \
    "\"net\":9919,\"currency\":\"usd\",\"type\":\"payment\",\"source\":" source "}"

static void a_bank_debit_is_told_of_on_the_day_its_money_came(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST_OF("/v1/balance_transactions",
        BALANCE("1767571200", PAID("py_1", "\"pi_1\"")), "true")));
    assert_int_equal(page.count, 1);
    assert_string_equal(page.entries[0].entry.ref, "pi_1");
    assert_int_equal(page.entries[0].entry.at_ms, INT64_C(1767571200000));
    assert_int_equal(page.entries[0].fee_minor, 80);
    assert_int_equal(page.entries[0].net_minor, 9919);
    assert_string_equal(page.after, "txn_9");
}

static void what_was_made_on_the_same_day_is_not_told_of_twice(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_CHARGES, LIST_OF("/v1/balance_transactions",
        BALANCE("1767225601", PAID("ch_1", "\"pi_1\"")) "," BALANCE("1767571200", "\"po_1\"") ","
        BALANCE("1767571200", REFUND("failed")), "false")));
    assert_int_equal(page.count + page.unreadable, 0);
}

static void a_refund_that_failed_days_later_is_told_of_then(void **state)
{
    (void) state;
    assert_true(read_body(BOOK_REFUNDS, LIST_OF("/v1/balance_transactions",
        BALANCE("1767571200", REFUND("failed")), "false")));
    assert_int_equal(page.count, 1);
    assert_string_equal(page.entries[0].entry.ref, "re_1");
    assert_int_equal(page.entries[0].entry.moved.minor, 0);
    assert_int_equal(page.entries[0].fee_minor, 0);     /* the refund's own, not that of its failure */
}

/* --- What is no page ----------------------------------------------------------------------- */

static void nothing_is_concluded_from_what_is_no_list(void **state)
{
    static const char *const bodies[] = {
        "", "[]", "{}", "{\"object\":\"list\",\"data\":[]}", "{\"object\":\"list\",\"has_more\":false}",
        LIST("{}", "true"),
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
        TEST(a_charge_is_named_by_its_intent_and_says_whose_it_is),
        TEST(what_stripe_kept_is_in_the_currency_that_was_settled),
        TEST(what_is_not_told_is_not_invented),
        TEST(a_charge_that_took_nothing_is_left_out),
        TEST(a_charge_without_an_intent_goes_by_its_own_name),
        TEST(an_object_that_cannot_be_read_is_counted),
        TEST(a_refund_moved_its_amount_once_it_succeeded),
        TEST(a_dispute_moved_what_was_taken_and_not_given_back),
        TEST(the_balance_is_read_behind_charges_and_refunds),
        TEST(a_bank_debit_is_told_of_on_the_day_its_money_came),
        TEST(what_was_made_on_the_same_day_is_not_told_of_twice),
        TEST(a_refund_that_failed_days_later_is_told_of_then),
        TEST(nothing_is_concluded_from_what_is_no_list),
    };

    return cmocka_run_group_tests_name("stripe_book", tests, fixture_set_up, fixture_tear_down);
}
