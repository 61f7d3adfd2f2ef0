/*
 * The way of a request: which route it takes, who gets in, what its head must be.
 */
#include "given.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"

#define INBOX_ID "whe_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define RUN_ID   "rec_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define ENDPOINT_ID "wep_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define DELIVERY_ID "del_01ARZ3NDEKTSV4RRFFQ69G5FAV"

/* --- Routes -------------------------------------------------------------------------------- */

static const struct { const char *method, *path, *called; int http_status; } served[] = {
    { "POST", "/api/v1/orders",                        "create_order",       201 },
    { "GET",  "/api/v1/orders",                        "list_orders",        200 },
    { "GET",  "/api/v1/orders/abc-123",                "get_order",          200 },
    { "POST", "/api/v1/orders/abc-123/checkout",       "checkout_order",     201 },
    { "GET",  "/api/v1/orders/abc-123/payment-status", "get_payment_status", 200 },
    { "GET",  "/api/v1/payments/" PAYMENT_ID,          "get_payment",        200 },
    { "GET",  "/api/v1/payments",                      "list_payments",      200 },
    { "GET",  "/api/v1/payments/" PAYMENT_ID "/timeline", "get_timeline",    200 },
    { "GET",  "/api/v1/payments/" PAYMENT_ID "/events",   "get_payment",     200 },
    { "POST", "/api/v1/payments/" PAYMENT_ID "/stream-ticket", "get_payment", 201 },
    { "POST", "/api/v1/payments/" PAYMENT_ID "/review",   "review_payment",  200 },
    { "GET",  "/api/v1/transactions",                  "list_transactions",  200 },
    { "GET",  "/api/v1/audit",                         "list_audit",         200 },
    { "GET",  "/api/v1/audit/verify",                  "verify_audit",       200 },
    { "GET",  "/api/v1/payments/" PAYMENT_ID "/refunds", "list_refunds",     200 },
    { "GET",  "/api/v1/payments/" PAYMENT_ID "/disputes", "list_disputes",   200 },
    { "POST", "/api/v1/payments/" PAYMENT_ID "/refund", "refund_payment",    201 },
    { "POST", "/api/v1/payments/" PAYMENT_ID "/sync",   "sync_payment",      200 },
    { "POST", "/api/v1/payments/" PAYMENT_ID "/cancel", "cancel_payment",    200 },
    { "POST", "/api/v1/webhooks/stripe",               "receive_webhook",    200 },
    { "POST", "/api/v1/webhooks/paystack",             "receive_webhook",    200 },
    { "GET",  "/api/v1/reconciliations",               "list_reconciliations", 200 },
    { "GET",  "/api/v1/reconciliations/" RUN_ID,       "list_findings", 200 },
    { "POST", "/api/v1/reconciliations/" RUN_ID "/explain", "list_findings", 200 },
    { "GET",  "/api/v1/webhook-events",                "list_webhook_events", 200 },
    { "GET",  "/api/v1/webhook-events/" INBOX_ID,      "get_webhook_event",  200 },
    { "POST", "/api/v1/webhook-events/" INBOX_ID "/replay", "get_webhook_event", 200 },
    { "POST", "/api/v1/api-keys",                      "create_api_key",     201 },
    { "GET",  "/api/v1/api-keys",                      "list_api_keys",      200 },
    { "DELETE", "/api/v1/api-keys/" API_KEY_ID,        "revoke_api_key",     200 },
    { "POST", "/api/v1/webhook-endpoints", "create_webhook_endpoint", 201 },
    { "GET", "/api/v1/webhook-endpoints", "list_webhook_endpoints", 200 },
    { "GET", "/api/v1/webhook-endpoints/" ENDPOINT_ID, "get_webhook_endpoint", 200 },
    { "PATCH", "/api/v1/webhook-endpoints/" ENDPOINT_ID, "change_webhook_endpoint", 200 },
    { "DELETE", "/api/v1/webhook-endpoints/" ENDPOINT_ID, "delete_webhook_endpoint", 200 },
    { "POST", "/api/v1/webhook-endpoints/" ENDPOINT_ID "/rotate-secret", "rotate_webhook_secret", 200 },
    { "POST", "/api/v1/webhook-endpoints/" ENDPOINT_ID "/test", "test_webhook_endpoint", 200 },
    { "POST", "/api/v1/webhook-endpoints/" ENDPOINT_ID "/recover", "recover_webhooks", 200 },
    { "GET", "/api/v1/webhook-endpoints/" ENDPOINT_ID "/deliveries", "list_deliveries", 200 },
    { "GET", "/api/v1/webhook-deliveries/" DELIVERY_ID, "get_delivery", 200 },
    { "POST", "/api/v1/webhook-deliveries/" DELIVERY_ID "/resend", "resend_delivery", 200 },
    { "GET",  "/checkout/outcome",                     "get_outcome",        200 },
    { "GET",  "/health",                               "check_health",       200 },
    { "GET",  "/health/live",                          "",                   200 },
    { "GET",  "/health/ready",                         "check_ready",        200 },
};
#define SERVED_COUNT (sizeof(served) / sizeof(served[0]))

static bool is_served(const char *method, const char *path, size_t *row_out)
{
    for (*row_out = 0; *row_out < SERVED_COUNT; ++*row_out)
        if (strcmp(served[*row_out].path, path) == 0 && strcmp(served[*row_out].method, method) == 0)
            return true;
    return false;
}

static void expect_served(const struct response *response, size_t row)
{
    if (response->answer.http_status != served[row].http_status)
        fail_msg("%s %s: %d\n%s", served[row].method, served[row].path,
                 response->answer.http_status, response->answer.body.data);
    assert_string_equal(fakes.called, served[row].called);
}

static void every_route_takes_its_methods_and_refuses_all_others(void **state)
{
    static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
                                           "TRACE", "CONNECT", "get", "BREW", "" };

    for (size_t p = 0; p < SERVED_COUNT; p++)
        for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
            const char *as = strcmp(methods[m], "HEAD") == 0 ? "GET" : methods[m];
            struct response response;
            size_t row;

            fakes = (struct fakes) { .called = "" };
            response = ask(*state, methods[m], served[p].path);
            if (is_served(as, served[p].path, &row)) {
                expect_served(&response, row);
                continue;
            }
            assert_int_equal(response.answer.http_status, 405);
            assert_int_equal(fakes.calls, 0);
            assert_non_null(strstr(response.answer.allow, served[p].method));
        }
}

static void the_table_holds_the_routes_of_this_test_and_no_others(void **state)
{
    size_t count;

    (void) state;
    router_table(&count);
    if (count != SERVED_COUNT)
        fail_msg("routes.c has %zu rows and served[] %zu: add the new route there", count,
                 SERVED_COUNT);
}

static void allow_names_all_methods_of_a_path_and_head_with_get(void **state)
{
    assert_string_equal(ask(*state, "DELETE", "/api/v1/orders").answer.allow, "POST, GET, HEAD");
    assert_string_equal(ask(*state, "POST", "/health").answer.allow, "GET, HEAD");
    assert_string_equal(ask(*state, "GET", "/api/v1/webhooks/stripe").answer.allow, "POST");
    assert_string_equal(router_allow(*state, "/nowhere"), "");
}

static void odd_paths_lead_nowhere(void **state)
{
    static const struct { const char *path; int http_status; } odd[] = {
        { "/", 404 }, { "/api", 404 }, { "/api/v1", 404 }, { "/api/v1/", 404 }, { "/api/v2/orders", 404 },
        { "/api/v1/orders/", 404 }, { "/api/v1/orders//", 404 }, { "/api/v1//orders", 404 },
        { "/api/v1/ordersx", 404 }, { "/api/v1/order", 404 }, { "/API/v1/orders", 404 },
        { "/api/v1/orders/a/b", 404 }, { "/api/v1/orders//payment-status", 404 },
        { "/api/v1/orders/a/payment-status/", 404 }, { "/api/v1/orders/a/payment-statusx", 404 },
        { "/health/", 404 }, { "/health/x", 404 }, { "/healthy", 404 }, { "/metrics", 404 },
        { "/api/v1/orders/a b", 404 }, { "/api/v1/orders/a'b", 404 }, { "/api/v1/orders/\xc3\xa9", 404 },
        { "/api/v1/orders/a;b", 404 }, { "/api/v1/orders/a?b", 404 },
        { "/api/v1/orders/12345678901234567890123456789012345678901234567890123456789012345", 404 },
        { "/api/v1/payments/pay_short", 404 }, { "/api/v1/payments/abc-123", 404 },
        { "/api/v1/payments/ord_01HZX3V9QK7T2W9XH4VBN1RCDE", 404 },
        { "/api/v1/payments/" PAYMENT_ID "x", 404 },
        { "", 400 }, { "api/v1/orders", 400 }, { "*", 400 }, { "http://x/health", 400 },
        { "/api/v1/orders/a\r\nb", 400 }, { "/api/v1/orders/a\tb", 400 }, { "/api/v1/orders/a\x7f", 400 },
        { "/api/v1/orders/%2e%2e", 400 }, { "/api/v1/orders/%", 400 }, { "/\x01", 400 },
    };

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct response response = ask(*state, "GET", odd[i].path);

        if (response.answer.http_status != odd[i].http_status)
            fail_msg("%s: %d", odd[i].path, response.answer.http_status);
        assert_int_equal(fakes.calls, 0);
    }
}

static void a_path_without_an_id_is_no_path_of_ours(void **state)
{
    assert_int_equal(ask(*state, "DELETE", "/api/v1/orders/").answer.http_status, 404);
    assert_int_equal(ask(*state, "DELETE", "/api/v1/orders//payment-status").answer.http_status, 404);
}

static void a_path_that_is_too_long_is_malformed(void **state)
{
    char *path = arena_alloc(*state, PATH_BYTES_MAX + 2);

    memset(path, 'a', PATH_BYTES_MAX + 1);
    path[0] = '/';
    assert_int_equal(ask(*state, "GET", path).answer.http_status, 400);
    path[PATH_BYTES_MAX] = '\0';
    assert_int_equal(ask(*state, "GET", path).answer.http_status, 404);
}

static void ids_of_the_path_reach_the_use_case(void **state)
{
    ask(*state, "GET", "/api/v1/orders/A.b_c-9");
    assert_string_equal(fakes.id, "A.b_c-9");
    ask(*state, "GET", "/api/v1/payments/" PAYMENT_ID);
    assert_string_equal(fakes.id, PAYMENT_ID);
    ask(*state, "GET", "/api/v1/orders/x/payment-status");
    assert_string_equal(fakes.id, "x");
}

static void a_pool_refuses_the_routes_of_the_other(void **state)
{
    for (size_t i = 0; i < SERVED_COUNT; i++) {
        enum pool other = pool_of(served[i].path) == POOL_FAST ? POOL_PROVIDER : POOL_FAST;
        const struct given_request wanted = { .method = served[i].method, .path = served[i].path };
        struct exchange exchange = given_exchange(*state, other, &wanted);

        assert_int_equal(exchange.problem->type, PROBLEM_INTERNAL);
        assert_non_null(strstr(exchange.problem->cause, pool_name(other)));
        api_answer(&exchange);
        assert_int_equal(fakes.calls, 0);
    }
}

/* --- Who gets in --------------------------------------------------------------------------- */

static struct response ask_as(struct arena *arena, const char *path, const char *authorization)
{
    const struct given_request wanted = { .method = "GET", .path = path,
                                          .authorization = authorization };

    return send_request(arena, POOL_FAST, &wanted);
}

static void without_a_token_there_is_a_challenge(void **state)
{
    struct response response = ask_as(*state, "/api/v1/orders", NULL);

    assert_int_equal(response.answer.http_status, 401);
    assert_non_null(strstr(sent_bytes(*state, &response), "\r\nWWW-Authenticate: Bearer\r\n"));
    response = ask_as(*state, "/api/v1/orders", "Basic YTpi");
    assert_non_null(strstr(sent_bytes(*state, &response), "\r\nWWW-Authenticate: Bearer\r\n"));
    response = ask_as(*state, "/api/v1/orders", "Bearer nonsense");
    assert_int_equal(response.answer.http_status, 401);
    assert_non_null(strstr(sent_bytes(*state, &response),
                           "\r\nWWW-Authenticate: Bearer error=\"invalid_token\"\r\n"));
    assert_int_equal(fakes.calls, 0);
}

static void users_and_admins_get_in_as_themselves(void **state)
{
    ask_as(*state, "/api/v1/orders/a", given_token(*state, "alice", ROLE_USER));
    assert_string_equal(fakes.actor_id, "alice");
    assert_int_equal(fakes.role, ROLE_USER);
    ask_as(*state, "/api/v1/orders/a", given_token(*state, "root", ROLE_ADMIN));
    assert_string_equal(fakes.actor_id, "root");
    assert_int_equal(fakes.role, ROLE_ADMIN);
}

static void a_token_without_a_role_is_forbidden(void **state)
{
    /* {"sub":"alice","exp":4000000000}, signed with SECRET */
    struct response response = ask_as(*state, "/api/v1/orders", "Bearer eyJhbGciOiJIUzI1NiJ9."
        "eyJzdWIiOiJhbGljZSIsImV4cCI6NDAwMDAwMDAwMH0.JS9d2mXX80iggYUmvCKos6KfxKOEf3yCby30sc8yIjA");

    assert_int_equal(response.answer.http_status, 403);
    assert_int_equal(fakes.calls, 0);
}

static void health_and_webhooks_need_no_token_and_ignore_a_bad_one(void **state)
{
    const struct given_request webhook = { .method = "POST", .path = "/api/v1/webhooks/stripe",
                                           .authorization = "Bearer x", .signature = "t=1,v1=2",
                                           .body = "\x01 not JSON {", .query = "a=%zz&x" };

    assert_int_equal(ask_as(*state, "/health/live", NULL).answer.http_status, 200);
    assert_int_equal(ask_as(*state, "/health", "Bearer x").answer.http_status, 200);
    assert_int_equal(send_request(*state, POOL_FAST, &webhook).answer.http_status, 200);
    assert_int_equal(fakes.role, ROLE_NONE);
    assert_string_equal(fakes.actor_id, "stripe");
    assert_string_equal(fakes.receive_webhook.provider, "stripe");
    assert_string_equal(fakes.receive_webhook.signature_header, "t=1,v1=2");
    assert_true(bytes_equal(fakes.receive_webhook.raw_body, bytes_of("\x01 not JSON {")));
}

static void a_webhook_without_signature_reaches_the_command_as_such(void **state)
{
    const struct given_request webhook = { .method = "POST", .path = "/api/v1/webhooks/stripe" };

    send_request(*state, POOL_FAST, &webhook);
    assert_string_equal(fakes.receive_webhook.signature_header, "");
}

/* --- Heads --------------------------------------------------------------------------------- */

static const struct problem *open_params(struct arena *arena, char *const *params)
{
    struct api api = given_api(POOL_FAST);
    struct exchange exchange;

    api_open(&api, arena, params, NOW_MS, &exchange);
    return exchange.problem;
}

static void a_header_that_is_sent_twice_is_malformed(void **state)
{
    static const struct { const char *param, *header; } repeated[] = {
        { "HTTP_IDEMPOTENCY_KEY=a", "Idempotency-Key" },
        { "HTTP_STRIPE_SIGNATURE=a", "Stripe-Signature" },
        { "HTTP_X_PAYSTACK_SIGNATURE=a", "x-paystack-signature" },
        { "HTTP_CONTENT_TYPE=application/json", "Content-Type" },
        { "CONTENT_TYPE=application/json", "Content-Type" },
        { "HTTP_AUTHORIZATION=Bearer a", "Authorization" },
    };

    for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
        char *param = arena_strdup(*state, repeated[i].param);
        char *once[] = { "REQUEST_METHOD=GET", "DOCUMENT_URI=/health/live", param, NULL };
        char *twice[] = { "REQUEST_METHOD=GET", param, "DOCUMENT_URI=/health/live", param, NULL };
        const struct problem *problem = open_params(*state, twice);

        assert_null(open_params(*state, once));
        assert_int_equal(problem->type, PROBLEM_MALFORMED_REQUEST);
        assert_non_null(strstr(problem->detail, repeated[i].header));
    }
}

/* GET /health/live with one more parameter. */
static const struct problem *open_with(struct arena *arena, const char *param)
{
    char *params[] = { "REQUEST_METHOD=GET", "DOCUMENT_URI=/health/live", arena_strdup(arena, param),
                       NULL };

    return open_params(arena, params);
}

/* From 1.23 on nginx joins the lines of a header. */
static void a_header_whose_lines_were_joined_is_malformed(void **state)
{
    static const struct { const char *param, *header; } joined[] = {
        { "HTTP_IDEMPOTENCY_KEY=a, a", "Idempotency-Key" },
        { "HTTP_IDEMPOTENCY_KEY=\"a\", \"a\"", "Idempotency-Key" },
        { "HTTP_IDEMPOTENCY_KEY=\"a\\\"b\", c", "Idempotency-Key" },
        { "HTTP_IDEMPOTENCY_KEY=, ", "Idempotency-Key" },
        { "HTTP_STRIPE_SIGNATURE=t=1,v1=aa, t=1,v1=aa", "Stripe-Signature" },
        { "HTTP_X_PAYSTACK_SIGNATURE=aa, aa", "x-paystack-signature" },
        { "HTTP_CONTENT_TYPE=application/json, text/plain", "Content-Type" },
        { "CONTENT_TYPE=application/json; charset=\"utf-8\", text/plain", "Content-Type" },
    };

    for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++) {
        const struct problem *problem = open_with(*state, joined[i].param);

        assert_non_null(problem);
        assert_int_equal(problem->type, PROBLEM_MALFORMED_REQUEST);
        assert_string_equal(problem->detail,
                            arena_printf(*state, "The header %s must be sent once, with one value.",
                                         joined[i].header));
    }
}

static void a_sender_is_an_address_of_ipv4_or_a_network_of_ipv6(void **state)
{
    static const struct { const char *address; uint64_t sender; } cases[] = {
        { "192.0.2.1",                UINT64_C(0xc0000201) },
        { "::ffff:192.0.2.1",         0 },      /* its upper half is empty */
        { "2001:db8:1:2:3:4:5:6",     UINT64_C(0x20010db800010002) },
        { "2001:db8:1:2::",           UINT64_C(0x20010db800010002) },
        { "unix:",                    0 },
        { "192.0.2.1.",               0 },
        { "",                         0 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *params[] = { arena_printf(*state, "REMOTE_ADDR=%s", cases[i].address), NULL };

        assert_int_equal(request_collect(*state, params).sender, cases[i].sender);
    }
}

static void a_comma_of_the_value_itself_joins_nothing(void **state)
{
    static const char *const single[] = {
        "HTTP_IDEMPOTENCY_KEY=order,17", "HTTP_IDEMPOTENCY_KEY=\"a,b\"",
        "HTTP_IDEMPOTENCY_KEY=\"a, b\"", "HTTP_IDEMPOTENCY_KEY=\"a\\\", b\"",
        "HTTP_STRIPE_SIGNATURE=t=1,v1=aa,v1=bb", "CONTENT_TYPE=text/plain; x=\"a, b\"",
        "HTTP_AUTHORIZATION=Digest a=\"1\", b=\"2\"", "QUERY_STRING=q=a, b", "HTTP_ACCEPT=a/b, c/d",
        "HTTP_X_OTHER=a, b",
    };

    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        const struct problem *problem = open_with(*state, single[i]);

        if (problem != NULL && problem->type == PROBLEM_MALFORMED_REQUEST)
            fail_msg("%s: %s", single[i], problem->detail);
    }
}

/* Accept is a list (RFC 9110 section 12.5.1): its lines are one list, whoever joins them. */
static void the_lines_of_a_list_are_one_list(void **state)
{
    char *lines[] = { "HTTP_ACCEPT=text/html", "HTTP_ACCEPT=text/csv;q=0.5", "HTTP_ACCEPT=", NULL };
    struct request request = request_collect(*state, lines);

    assert_null(request.repeated);
    assert_string_equal(request.accept, "text/html, text/csv;q=0.5, ");
}

static void a_compressed_body_is_unsupported(void **state)
{
    static const char *const codings[] = { "gzip", "GZIP", "br", "identity, gzip", "identity, identity" };
    char *lines[] = { "REQUEST_METHOD=GET", "DOCUMENT_URI=/health/live",
                      "HTTP_CONTENT_ENCODING=identity", "HTTP_CONTENT_ENCODING=gzip", NULL };

    for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
        const char *param = arena_printf(*state, "HTTP_CONTENT_ENCODING=%s", codings[i]);

        assert_int_equal(open_with(*state, param)->type, PROBLEM_UNSUPPORTED_MEDIA_TYPE);
    }
    assert_int_equal(open_params(*state, lines)->type, PROBLEM_UNSUPPORTED_MEDIA_TYPE);
    assert_null(open_with(*state, "HTTP_CONTENT_ENCODING=Identity"));
    assert_null(open_with(*state, "HTTP_CONTENT_ENCODING="));
}

static void parameters_outside_the_list_do_not_exist(void **state)
{
    char *params[] = { "REQUEST_METHOD=GET", "DOCUMENT_URI=/health/live", "HTTP_X=1", "HTTP_X=2",
                       "HTTP_PROXY=x", "REQUEST_METHODS=POST", "DOCUMENT_UR=/x", "HTTP_COOKIE=a",
                       "no equals sign", "", NULL };

    assert_null(open_params(*state, params));
}

static void a_request_that_waited_too_long_is_not_begun(void **state)
{
    static const struct { const char *start; bool begun; } starts[] = {
        { "1795393855.123", true }, { "1795393855.122", false }, { "1.000", false },
        { "1795393999.000", true },                     /* nginx's clock is ahead */
        { "", true }, { "x", true }, { "1795393855", true }, { "1.5x", true }, { ".500", true },
        { "1.5", true }, { "1.5000", true }, { "1.000x", true },
    };

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        char *params[] = { "REQUEST_METHOD=GET", "DOCUMENT_URI=/api/v1/orders",
                           arena_printf(*state, "REQUEST_START=%s", starts[i].start), NULL };
        const struct problem *problem = open_params(*state, params);

        assert_int_equal(problem->type, starts[i].begun ? PROBLEM_UNAUTHORIZED
                                                        : PROBLEM_OVERLOADED);
    }
}

/* Found by fuzz_request: its bytes stood in the problem as they were, which then was no JSON. */
static void a_method_that_is_none_is_not_repeated(void **state)
{
    static const char *const methods[] = { "", "get", "GE T", "D\x8a", "POST\r\nX: y", "\"" };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        char *params[] = { arena_printf(*state, "REQUEST_METHOD=%s", methods[i]), NULL };

        assert_string_equal(request_collect(*state, params).method, "-");
    }
    assert_string_equal(request_collect(*state, (char *[]) { "REQUEST_METHOD=PROPFIND", NULL }).method,
                        "PROPFIND");
}

static void a_trace_id_that_is_none_is_replaced(void **state)
{
    static const char *const bad[] = { "", "x", "0AF7651916CD43DD8448EB211C80319C",
                                       "00000000000000000000000000000000",
                                       "0af7651916cd43dd8448eb211c80319",
                                       "0af7651916cd43dd8448eb211c80319cc",
                                       "0af7651916cd43dd8448eb211c8031\"c" };
    char *good[] = { "TRACE_ID=" TRACE_ID, NULL };

    assert_string_equal(request_collect(*state, good).trace_id, TRACE_ID);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *params[] = { arena_printf(*state, "TRACE_ID=%s", bad[i]), NULL };
        const char *trace_id = request_collect(*state, params).trace_id;

        assert_int_equal(strlen(trace_id), 32);
        assert_int_equal(strspn(trace_id, "0123456789abcdef"), 32);
        assert_string_not_equal(trace_id, request_collect(*state, params).trace_id);
    }
}

static void an_unknown_query_parameter_is_an_error_where_a_person_calls(void **state)
{
    static const struct { const char *path, *query; int http_status; } cases[] = {
        { "/api/v1/orders/a", "", 200 }, { "/api/v1/orders/a", "x=1", 422 },
        { "/api/v1/orders/a", "&&", 200 }, { "/api/v1/orders", "limit=1", 200 },
        { "/api/v1/orders", "Limit=1", 422 }, { "/health", "x=1", 200 }, { "/health/live", "%", 200 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct given_request wanted = {
            .method = "GET", .path = cases[i].path, .query = cases[i].query,
            .authorization = given_token(*state, "alice", ROLE_USER),
        };

        assert_int_equal(send_request(*state, POOL_FAST, &wanted).answer.http_status,
                         cases[i].http_status);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)
    const struct CMUnitTest tests[] = {
        TEST(every_route_takes_its_methods_and_refuses_all_others),
        TEST(the_table_holds_the_routes_of_this_test_and_no_others),
        TEST(allow_names_all_methods_of_a_path_and_head_with_get),
        TEST(odd_paths_lead_nowhere),
        TEST(a_path_without_an_id_is_no_path_of_ours),
        TEST(a_path_that_is_too_long_is_malformed),
        TEST(ids_of_the_path_reach_the_use_case),
        TEST(a_pool_refuses_the_routes_of_the_other),
        TEST(without_a_token_there_is_a_challenge),
        TEST(users_and_admins_get_in_as_themselves),
        TEST(a_token_without_a_role_is_forbidden),
        TEST(health_and_webhooks_need_no_token_and_ignore_a_bad_one),
        TEST(a_webhook_without_signature_reaches_the_command_as_such),
        TEST(a_header_that_is_sent_twice_is_malformed),
        TEST(a_header_whose_lines_were_joined_is_malformed),
        TEST(a_sender_is_an_address_of_ipv4_or_a_network_of_ipv6),
        TEST(a_comma_of_the_value_itself_joins_nothing),
        TEST(the_lines_of_a_list_are_one_list),
        TEST(a_compressed_body_is_unsupported),
        TEST(parameters_outside_the_list_do_not_exist),
        TEST(a_request_that_waited_too_long_is_not_begun),
        TEST(a_method_that_is_none_is_not_repeated),
        TEST(a_trace_id_that_is_none_is_replaced),
        TEST(an_unknown_query_parameter_is_an_error_where_a_person_calls),
    };

    return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
