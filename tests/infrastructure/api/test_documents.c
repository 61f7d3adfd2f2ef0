/* What the API writes, to the byte: resources, problem documents, pages of a list. */
#include "given.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

#include "infrastructure/auth/base64url.h"

/* --- Resources ----------------------------------------------------------------------------- */

static void an_order_is_written_exactly(void **state)
{
    struct ctx ctx = given_ctx(*state);
    struct order order = given_order();

    assert_string_equal(order_json(&ctx, &order).data,
        "{\"id\":\"abc-123\",\"amount\":99.99,\"amountMinor\":9999,\"currency\":\"USD\","
        "\"status\":\"open\",\"description\":null,\"customerEmail\":null,"
        "\"metadata\":{\"cart\":\"17\"},\"createdAt\":\"2026-11-23T00:31:00.123Z\","
        "\"updatedAt\":\"2026-11-23T00:31:01.123Z\"}");
}

static void what_an_order_says_is_escaped(void **state)
{
    struct ctx ctx = given_ctx(*state);
    struct order order = given_order();
    struct bytes json;

    snprintf(order.description, sizeof(order.description), "\"a\\b\xc3\xa9\"");
    snprintf(order.customer_email, sizeof(order.customer_email), "a@b.example");
    order.metadata_json = NULL;
    json = order_json(&ctx, &order);
    assert_non_null(strstr(json.data, "\"description\":\"\\\"a\\\\b\xc3\xa9\\\"\","
                                      "\"customerEmail\":\"a@b.example\",\"metadata\":{},"));
}

static void a_payment_under_way_is_written_exactly(void **state)
{
    struct ctx ctx = given_ctx(*state);
    struct payment payment = given_payment();
    struct answer answer = answer_payment(&ctx, 201, &payment);

    assert_int_equal(answer.http_status, 201);
    assert_string_equal(answer.body.data,
        "{\"success\":true,\"statusCode\":201,\"data\":{\"id\":\"" PAYMENT_ID "\","
        "\"orderId\":\"abc-123\",\"amount\":99.99,\"amountMinor\":9999,\"currency\":\"USD\","
        "\"status\":\"processing\",\"provider\":\"stripe\",\"externalId\":\"cs_test_1\","
        "\"checkoutUrl\":\"https://checkout.stripe.com/c/pay/cs_test_1\",\"failureReason\":null,"
        "\"failureCode\":null,\"capturedAmount\":0.00,\"capturedAmountMinor\":0,"
        "\"refundedAmount\":0.00,\"refundedAmountMinor\":0,\"dispute\":\"none\",\"surplus\":false,"
        "\"needsReview\":false,\"expiresAt\":\"2026-11-23T01:31:00.123Z\","
        "\"createdAt\":\"2026-11-23T00:31:00.123Z\",\"updatedAt\":\"2026-11-23T00:31:00.123Z\","
        "\"completedAt\":null}}");
}

static void a_disputed_payment_says_so(void **state)
{
    struct ctx ctx = given_ctx(*state);
    struct payment payment = given_payment();

    payment.dispute = DISPUTE_LOST;
    assert_non_null(strstr(payment_json(&ctx, &payment).data, "\"dispute\":\"lost\","));
}

static void a_dispute_is_written_exactly(void **state)
{
    struct ctx ctx = given_ctx(*state);
    struct dispute dispute = given_dispute();
    struct bytes json = dispute_json(&ctx, &dispute);

    assert_string_equal(arena_bytes_dup(*state, json),
        "{\"id\":\"" DISPUTE_ID "\",\"paymentId\":\"" PAYMENT_ID "\",\"amount\":25.00,"
        "\"amountMinor\":2500,\"currency\":\"USD\",\"status\":\"open\","
        "\"providerStatus\":\"needs_response\",\"reason\":\"fraudulent\","
        "\"dueAt\":\"2026-11-23T00:31:01.000Z\",\"withdrawnAmount\":25.00,"
        "\"withdrawnAmountMinor\":2500,\"reinstatedAmount\":0.00,\"reinstatedAmountMinor\":0,"
        "\"externalId\":\"dp_1\",\"createdAt\":\"2026-11-23T00:31:00.123Z\","
        "\"updatedAt\":\"2026-11-23T00:31:00.123Z\"}");

    dispute.facts.due_at_s = 0;
    dispute.facts.provider_status[0] = dispute.facts.reason[0] = '\0';
    assert_non_null(strstr(dispute_json(&ctx, &dispute).data,
                           "\"providerStatus\":null,\"reason\":null,\"dueAt\":null,"));
}

static void a_failure_is_told_until_the_money_arrives(void **state)
{
    struct ctx ctx = given_ctx(*state);
    struct payment payment = given_payment();

    payment.facts.snapshot = (struct payment_snapshot) { .progress = PROGRESS_FAILED,
                                                         .failure_code = "card_declined",
                                                         .failure_reason = "Declined." };
    payment.checkout_url[0] = payment.provider_ref[0] = '\0';
    payment.expires_at_ms = 0;
    payment.needs_review = true;
    assert_non_null(strstr(payment_json(&ctx, &payment).data,
        "\"externalId\":null,\"checkoutUrl\":null,\"failureReason\":\"Declined.\","
        "\"failureCode\":\"card_declined\","));
    assert_non_null(strstr(payment_json(&ctx, &payment).data,
                           "\"needsReview\":true,\"expiresAt\":null,"));
    payment.facts.captured_minor = 9999;
    assert_non_null(strstr(payment_json(&ctx, &payment).data,
                           "\"failureReason\":null,\"failureCode\":null,"));
}

static void amounts_have_the_decimals_of_their_currency(void **state)
{
    static const struct { struct money amount; const char *json; } amounts[] = {
        { { 1000, "JPY" }, "\"amount\":1000,\"amountMinor\":1000,\"currency\":\"JPY\"" },
        { { 1005, "KWD" }, "\"amount\":1.005,\"amountMinor\":1005,\"currency\":\"KWD\"" },
        { { 5, "USD" }, "\"amount\":0.05,\"amountMinor\":5,\"currency\":\"USD\"" },
        { { 999999999999, "EUR" },
          "\"amount\":9999999999.99,\"amountMinor\":999999999999,\"currency\":\"EUR\"" },
    };
    struct ctx ctx = given_ctx(*state);

    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        struct payment payment = given_payment();

        payment.amount = amounts[i].amount;
        payment.facts.refunded_minor = payment.amount.minor;
        assert_non_null(strstr(payment_json(&ctx, &payment).data, amounts[i].json));
        assert_non_null(strstr(payment_json(&ctx, &payment).data,
                               arena_printf(*state, "\"refundedAmountMinor\":%lld,",
                                            (long long) payment.amount.minor)));
    }
}

/* --- Problems ------------------------------------------------------------------------------ */

static void a_problem_is_written_exactly(void **state)
{
    struct ctx ctx = given_ctx(*state);
    struct problem *problem = problem_new(*state, PROBLEM_NOT_FOUND, "There is no \"%s\".", "x");
    struct answer answer = answer_problem(&ctx, problem_because(*state, problem, "for the log"));

    assert_int_equal(answer.http_status, 404);
    assert_int_equal(answer.retry_after_s, 0);
    assert_string_equal(answer.body.data,
        "{\"type\":\"https://api.example.com/errors/not-found\",\"slug\":\"not-found\","
        "\"title\":\"Not Found\",\"status\":404,\"detail\":\"There is no \\\"x\\\".\",\"instance\":\"/api/v1/orders\","
        "\"method\":\"POST\",\"timestamp\":\"2026-11-23T00:31:00.123Z\","
        "\"traceId\":\"" TRACE_ID "\",\"retryable\":false}");
}

static void faults_and_codes_are_extensions_of_a_problem(void **state)
{
    struct ctx ctx = given_ctx(*state);
    struct problem *problem = problem_new(*state, PROBLEM_PAYMENT_FAILED, "Declined.");

    problem->failure_code = "card_declined";
    problem_add_field(*state, problem, "#/amount", "is %s", "odd");
    problem_add_parameter(*state, problem, "limit", "is \"y\"");
    problem_add_number(problem, "refundableMinor", 1234567890123);
    assert_non_null(strstr(answer_problem(&ctx, problem).body.data,
        "\"retryable\":false,\"code\":\"card_declined\",\"refundableMinor\":1234567890123,"
        "\"errors\":[{\"pointer\":\"#/amount\",\"detail\":\"is odd\"},"
        "{\"parameter\":\"limit\",\"detail\":\"is \\\"y\\\"\"}]}"));
}

/* All that may be sent again as it is; nothing else. */
static void what_may_be_sent_again_is_said(void **state)
{
    static const bool retryable[PROBLEM_TYPE_COUNT] = {
        [PROBLEM_REQUEST_TIMEOUT] = true,       [PROBLEM_REQUEST_IN_PROGRESS] = true,
        [PROBLEM_RATE_LIMITED] = true,          [PROBLEM_INTERNAL] = true,
        [PROBLEM_BAD_GATEWAY] = true,           [PROBLEM_PROVIDER_UNAVAILABLE] = true,
        [PROBLEM_OVERLOADED] = true,            [PROBLEM_DATABASE_UNAVAILABLE] = true,
        [PROBLEM_PROVIDER_BUSY] = true,         [PROBLEM_GATEWAY_TIMEOUT] = true,
        [PROBLEM_PROVIDER_TIMEOUT] = true,
    };
    (void) state;

    for (int type = 0; type < PROBLEM_TYPE_COUNT; type++)
        if (problem_is_retryable((enum problem_type) type) != retryable[type])
            fail_msg("%s", problem_kind((enum problem_type) type)->slug);
}

static void the_instance_of_a_problem_is_a_valid_reference(void **state)
{
    static const struct { const char *path, *instance; } paths[] = {
        { "/a b\"\\<>\r\n\x7f%?#", "/a%20b%22%5C%3C%3E%0D%0A%7F%25%3F%23" },
        { "/\xc3\xa9\xff", "/%C3%A9%FF" }, { "", "/" }, { "x", "/x" },
        { "/-._~!$&'()*+,;=:@/", "/-._~!$&'()*+,;=:@/" },
    };
    struct ctx ctx = given_ctx(*state);

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *body;

        ctx.path = paths[i].path;
        body = answer_problem(&ctx, problem_new(*state, PROBLEM_NOT_FOUND, "x")).body.data;
        assert_non_null(strstr(body, arena_printf(*state, "\"instance\":\"%s\",",
                                                  paths[i].instance)));
    }
}

static void every_problem_of_the_catalogue_is_json_with_its_status(void **state)
{
    struct ctx ctx = given_ctx(*state);

    for (enum problem_type type = 0; type < PROBLEM_TYPE_COUNT; type++) {
        struct answer answer = answer_problem(&ctx, problem_new(*state, type, "d"));
        json_t *json = json_loads(answer.body.data, JSON_REJECT_DUPLICATES, NULL);

        assert_int_equal(json_integer_value(json_object_get(json, "status")), answer.http_status);
        assert_int_equal(answer.retry_after_s > 0,
                         answer.http_status == 429 || answer.http_status == 503);
        json_decref(json);
    }
}

/* --- Pages --------------------------------------------------------------------------------- */

static struct response list(struct arena *arena, const char *query)
{
    const struct given_request wanted = {
        .method = "GET", .path = "/api/v1/orders", .query = query,
        .authorization = given_token(arena, "alice", ROLE_USER),
    };

    return send_request(arena, POOL_FAST, &wanted);
}

static void a_list_starts_with_the_newest_twenty(void **state)
{
    struct response response = list(*state, "");

    assert_int_equal(fakes.list_orders.limit, 20);
    assert_int_equal(fakes.list_orders.page, 0);
    assert_null(fakes.list_orders.after_id);
    assert_string_equal(response.answer.body.data,
        "{\"success\":true,\"statusCode\":200,\"data\":[],\"meta\":{\"limit\":20,"
        "\"nextCursor\":null}}");
}

static void the_next_cursor_leads_to_the_next_page(void **state)
{
    struct order orders[2] = { given_order(), given_order() };
    const char *next;
    char cursor[128] = "";

    snprintf(orders[1].id.text, sizeof(orders[1].id.text), "last");
    orders[1].created_at_ms = 1795393000001;
    fakes.page = (struct order_page) { .orders = orders, .count = 2, .more = true };
    next = strstr(list(*state, "limit=2").answer.body.data, "\"meta\":{\"limit\":2,\"nextCursor\":\"");
    assert_non_null(next);
    assert_int_equal(sscanf(next, "\"meta\":{\"limit\":2,\"nextCursor\":\"%127[A-Za-z0-9_-]\"}}",
                            cursor), 1);
    assert_int_equal(list(*state, arena_printf(*state, "limit=2&cursor=%s", cursor))
                         .answer.http_status, 200);
    assert_true(fakes.list_orders.after_created_at_ms == 1795393000001);
    assert_string_equal(fakes.list_orders.after_id, "last");
}

static void pages_are_counted(void **state)
{
    static const struct { int64_t total; const char *meta; } cases[] = {
        { 0, "{\"limit\":10,\"page\":3,\"pages\":0,\"total\":0}" },
        { 1, "{\"limit\":10,\"page\":3,\"pages\":1,\"total\":1}" },
        { 10, "{\"limit\":10,\"page\":3,\"pages\":1,\"total\":10}" },
        { 11, "{\"limit\":10,\"page\":3,\"pages\":2,\"total\":11}" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fakes.page = (struct order_page) { .total = cases[i].total };
        assert_non_null(strstr(list(*state, "page=3&limit=10").answer.body.data, cases[i].meta));
        assert_int_equal(fakes.list_orders.page, 3);
    }
}

static void bytes_that_are_no_text_are_malformed_and_named(void **state)
{
    static const struct { const char *query, *parameter; } bad[] = {
        { "cursor=%ff", "cursor" }, { "cursor=%c0%af", "cursor" }, { "cursor=%ed%a0%80", "cursor" },
        { "limit=5&cursor=a%e2%82", "cursor" }, { "%ff=1", NULL }, { "cursor=\xff", "cursor" },
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct response response = list(*state, bad[i].query);
        const char *name = bad[i].parameter != NULL ? bad[i].parameter : "";
        char *parameter = arena_printf(*state, "\"parameter\":\"%s\"", name);

        assert_int_equal(response.answer.http_status, 400);
        assert_int_equal(fakes.calls, 0);
        assert_int_equal(strstr(response.answer.body.data, parameter) != NULL, bad[i].parameter != NULL);
    }
}

static void bad_parameters_of_a_list_are_named(void **state)
{
    static const struct { const char *query, *parameter; } bad[] = {
        { "limit=0", "limit" }, { "limit=101", "limit" }, { "limit=x", "limit" },
        { "limit=", "limit" }, { "limit", "limit" }, { "limit=-1", "limit" },
        { "limit=+1", "limit" }, { "limit=1.0", "limit" }, { "limit=%31x", "limit" },
        { "limit=99999999999999999999", "limit" }, { "limit=4294967297", "limit" },
        { "limit=1&limit=2", "limit" }, { "li%6dit=1&limit=1", "limit" },
        { "page=0", "page" }, { "page=1.5", "page" }, { "page=1000001", "page" },
        { "page=1&cursor=MTox", "cursor" }, { "cursor=", "cursor" }, { "cursor=%00", "cursor" },
        { "cursor=%", "cursor" }, { "cursor=%zz", "cursor" }, { "cursor=garbage", "cursor" },
        { "sort=id", "sort" }, { "a%2Fb=1", "a/b" }, { "%=1", "%" },
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct response response = list(*state, bad[i].query);
        char *parameter = arena_printf(*state, "\"parameter\":\"%s\"", bad[i].parameter);

        if (response.answer.http_status != 422 ||
            strstr(response.answer.body.data, parameter) == NULL)
            fail_msg("%s: %s", bad[i].query, response.answer.body.data);
        assert_int_equal(fakes.calls, 0);
    }
}

static void a_query_has_a_limit(void **state)
{
    assert_int_equal(list(*state, "a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p").answer.http_status, 422);
    assert_int_equal(list(*state, "a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q").answer.http_status, 400);
}

static int list_after(struct arena *arena, const char *cursor)
{
    return list(arena, arena_printf(arena, "cursor=%s", cursor)).answer.http_status;
}

static void only_our_own_cursors_are_taken(void **state)
{
    static const char *const plain[] = {
        "ord:", "ord::", "ord:1", "ord:1:", "ord::a", "ord:x:a", "ord:-1:a", "ord:01:a", "ord:+1:a",
        "ord: 1:a", "ord:1 :a", "ord:1:a b", "ord:1:a/b", "ord:1:a:b", "ord:1.5:a",
        "ord:253402300800000:a", "ord:99999999999999999999:a",
        "ord:1:12345678901234567890123456789012345678901234567890123456789012345",
        /* no list's, and other lists' */
        "", ":", "1:a", ":1:a", "ord1:a", "or:1:a", "pay:1:a", "aud:1.1",
    };
    static const char ours[] = "ord:1795393860123:abc-123";

    assert_int_equal(list_after(*state, base64url_encode(*state, bytes_of(ours))), 200);
    assert_true(fakes.list_orders.after_created_at_ms == 1795393860123);
    assert_string_equal(fakes.list_orders.after_id, "abc-123");
    assert_int_equal(list_after(*state, base64url_encode(*state, (struct bytes) { ours, sizeof(ours) })),
                     422);              /* a NUL at its end */
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (list_after(*state, base64url_encode(*state, bytes_of(plain[i]))) != 422 ||
            list_after(*state, plain[i]) != 422)
            fail_msg("%s", plain[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)
    const struct CMUnitTest tests[] = {
        TEST(an_order_is_written_exactly),
        TEST(what_an_order_says_is_escaped),
        TEST(a_payment_under_way_is_written_exactly),
        TEST(a_disputed_payment_says_so),
        TEST(a_dispute_is_written_exactly),
        TEST(a_failure_is_told_until_the_money_arrives),
        TEST(amounts_have_the_decimals_of_their_currency),
        TEST(a_problem_is_written_exactly),
        TEST(faults_and_codes_are_extensions_of_a_problem),
        TEST(the_instance_of_a_problem_is_a_valid_reference),
        TEST(every_problem_of_the_catalogue_is_json_with_its_status),
        TEST(what_may_be_sent_again_is_said),
        TEST(a_list_starts_with_the_newest_twenty),
        TEST(the_next_cursor_leads_to_the_next_page),
        TEST(pages_are_counted),
        TEST(bytes_that_are_no_text_are_malformed_and_named),
        TEST(bad_parameters_of_a_list_are_named),
        TEST(a_query_has_a_limit),
        TEST(only_our_own_cursors_are_taken),
    };

    return cmocka_run_group_tests_name("documents", tests, NULL, NULL);
}
