/* What Stripe's dispute objects tell, and when its list of them may be believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/providers/stripe_fixture.h"

static struct payment payment;
static struct provider_request request;
static struct provider_reply reply;
static struct provider_dispute *disputes;
static int count;

static int set_up(void **state)
{
    fixture_reset(state);
    payment = given_a_payment();
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_3Abc");
    reply = (struct provider_reply) { .sent = true, .complete = true, .http_status = 200,
                                      .should_retry = -1, .request_id = "req_1", .error = "" };
    disputes = NULL;
    count = -1;
    return 0;
}

static bool read_list(const char *data, const char *more)
{
    reply.body = given_text("{\"object\":\"list\",\"data\":[%s],\"has_more\":%s}", data, more);
    return given_stripe()->read_dispute_list(given_a_ctx(), &payment, &reply, &disputes, &count);
}

#define DISPUTE(members) \
    "{\"id\":\"dp_1\",\"object\":\"dispute\",\"amount\":9999,\"currency\":\"usd\"," \
    "\"charge\":\"ch_1\",\"payment_intent\":\"pi_3Abc\"," members "}"

static const struct dispute_facts *facts_of(const char *members)
{
    assert_true(read_list(given_text("{\"id\":\"dp_1\",\"object\":\"dispute\",\"amount\":9999,"
                                     "\"currency\":\"usd\",\"charge\":\"ch_1\","
                                     "\"payment_intent\":\"pi_3Abc\",%s}", members).data, "false"));
    assert_int_equal(count, 1);
    return &disputes[0].facts;
}

static void the_disputes_of_a_payment_are_asked_for_by_its_intent(void **state)
{
    (void) state;

    assert_null(given_stripe()->write_list_disputes(given_a_ctx(), &payment, &request));
    assert_int_equal(request.operation, OP_LIST_DISPUTES);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/v1/disputes?payment_intent=pi_3Abc&limit=100");
    assert_string_equal(request.idempotency_key, "");
    assert_int_equal(request.body.size, 0);
    payment.provider_intent[0] = '\0';
    assert_int_equal(given_stripe()->write_list_disputes(given_a_ctx(), &payment, &request)->type,
                     PROBLEM_INVALID_PAYMENT_STATE);
}

/* Every status that Stripe has, and none besides. */
static void every_status_has_its_meaning(void **state)
{
    static const struct { const char *theirs; enum dispute_status ours; } rows[] = {
        { "warning_needs_response", DISPUTE_INQUIRY },
        { "warning_under_review", DISPUTE_INQUIRY },
        { "warning_closed", DISPUTE_CLOSED },       { "needs_response", DISPUTE_OPEN },
        { "under_review", DISPUTE_OPEN },           { "won", DISPUTE_WON },
        { "lost", DISPUTE_LOST },                   { "prevented", DISPUTE_CLOSED },
        { "appeal_needs_response", DISPUTE_OPEN },  { "appeal_under_review", DISPUTE_OPEN },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct dispute_facts *facts =
            facts_of(given_text("\"status\":\"%s\"", rows[i].theirs).data);

        assert_int_equal(facts->fact.status, rows[i].ours);
        assert_false(facts->fact.contradictory);
        assert_string_equal(facts->provider_status, rows[i].theirs);
        assert_int_equal(facts->at_ms, given_a_ctx()->now_ms);
    }
    assert_false(read_list(DISPUTE("\"status\":\"charge_refunded\""), "false"));
}

static void an_inquiry_whose_charge_cannot_be_refunded_is_a_dispute(void **state)
{
    (void) state;

    assert_int_equal(facts_of("\"status\":\"warning_needs_response\",\"is_charge_refundable\":false")
                         ->fact.status, DISPUTE_OPEN);
    assert_int_equal(facts_of("\"status\":\"warning_needs_response\",\"is_charge_refundable\":true")
                         ->fact.status, DISPUTE_INQUIRY);
}

static void the_due_date_may_be_missing(void **state)
{
    static const struct { const char *due_by; int64_t due_at_s; } rows[] = {
        { "{\"due_by\":1768435199}", 1768435199 }, { "{\"due_by\":0}", 0 },
        { "{\"due_by\":null}", 0 }, { "{\"due_by\":-5}", 0 }, { "{}", 0 }, { "null", 0 },
        { "{\"due_by\":253402300800}", 0 }, { "{\"due_by\":\"1768435199\"}", 0 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(facts_of(given_text("\"status\":\"won\",\"evidence_details\":%s",
                                             rows[i].due_by).data)->due_at_s, rows[i].due_at_s);
}

/* Expanded or not, one currency or another: what left, and what came back. */
static void movements_are_understood_in_every_form(void **state)
{
    static const struct { const char *movements; int64_t withdrawn_minor, reinstated_minor; } rows[] = {
        { "[]", 0, 0 },
        { "null", 0, 0 },
        { "[\"txn_2\"]", 9999, 0 },
        { "[\"txn_2\",\"txn_3\"]", 9999, 9999 },
        { "[{\"id\":\"txn_2\",\"amount\":-9999,\"fee\":1500,\"net\":-11499,\"currency\":\"usd\"}]", 9999, 0 },
        { "[{\"id\":\"txn_2\",\"amount\":-9999},{\"id\":\"txn_3\",\"amount\":9999}]", 9999, 9999 },
        { "[{\"amount\":-9999,\"currency\":\"usd\"},{\"amount\":4000,\"currency\":\"usd\"}]", 9999, 4000 },
        /* The account is kept in euro: the amount is the dispute's own. */
        { "[{\"amount\":-9100,\"currency\":\"eur\"}]", 9999, 0 },
        { "[{\"amount\":-9100,\"currency\":\"eur\"},{\"amount\":9000,\"currency\":\"eur\"}]", 9999, 9999 },
        /* An appeal takes it once more. */
        { "[{\"amount\":-9999},{\"amount\":9999},{\"amount\":-9999}]", 19998, 9999 },
        /* What came back had left, whether or not the list says so. */
        { "[{\"amount\":9999}]", 9999, 9999 },
        { "[{\"amount\":-9223372036854775807}]", 9999, 0 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct dispute_facts *facts =
            facts_of(given_text("\"status\":\"under_review\",\"balance_transactions\":%s",
                                rows[i].movements).data);

        assert_int_equal(facts->withdrawn_minor, rows[i].withdrawn_minor);
        assert_int_equal(facts->reinstated_minor, rows[i].reinstated_minor);
    }
}

static void amounts_are_read_as_stripe_counts_them(void **state)
{
    (void) state;

    assert_true(read_list("{\"id\":\"dp_1\",\"object\":\"dispute\",\"amount\":500,\"currency\":\"jpy\","
                          "\"status\":\"lost\",\"payment_intent\":\"pi_3Abc\","
                          "\"balance_transactions\":[{\"amount\":-500,\"currency\":\"jpy\"}]}", "false"));
    assert_int_equal(disputes[0].facts.amount_minor, 500);
    assert_int_equal(disputes[0].facts.withdrawn_minor, 500);
    assert_string_equal(disputes[0].currency, "JPY");
}

static void a_list_holds_all_disputes_or_tells_nothing(void **state)
{
    static const char won[] = DISPUTE("\"status\":\"won\"");
    (void) state;

    assert_true(read_list("", "false"));
    assert_int_equal(count, 0);
    assert_true(read_list(given_text("%s,%s", won, won).data, "false"));
    assert_int_equal(count, 2);
    assert_false(read_list(won, "true"));
    assert_false(read_list(given_text("%s,{}", won).data, "false"));
    assert_false(read_list("{\"id\":\"dp_1\",\"object\":\"dispute\",\"amount\":1,\"currency\":\"usd\","
                           "\"status\":\"won\",\"payment_intent\":\"pi_other\"}", "false"));
    reply.http_status = 503;
    assert_false(read_list(won, "false"));
    reply.http_status = 200;
    reply.complete = false;
    assert_false(read_list(won, "false"));
    reply.complete = true;
    reply.body = given_text("{\"object\":\"list\"}");
    assert_false(given_stripe()->read_dispute_list(given_a_ctx(), &payment, &reply, &disputes,
                                                   &count));
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_disputes_of_a_payment_are_asked_for_by_its_intent),
        CASE(every_status_has_its_meaning),
        CASE(an_inquiry_whose_charge_cannot_be_refunded_is_a_dispute),
        CASE(the_due_date_may_be_missing),
        CASE(movements_are_understood_in_every_form),
        CASE(amounts_are_read_as_stripe_counts_them),
        CASE(a_list_holds_all_disputes_or_tells_nothing),
    };

    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
