/* What the admin's lists are made of: formats, cells, cursors; and the exports to the byte. */
#include "given.h"

#include <setjmp.h>

#include <cmocka.h>

#include "application/audit/masking.h"
#include "base/text.h"
#include "infrastructure/api/http/accept.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/csv.h"

static const char *const offered[] = { "application/json", "text/csv", "application/x-ndjson" };

static void the_caller_chooses_the_format(void **state)
{
    static const struct { const char *header; int chosen; } cases[] = {
        { "", 0 }, { "*/*", 0 }, { "application/json", 0 }, { "text/csv", 1 }, { "TEXT/CSV", 1 },
        { "text/*", 1 }, { "application/x-ndjson", 2 }, { "text/csv;header=present;q=0.9, */*;q=0.1", 1 },
        { "application/json;q=0.2, text/csv;q=0.3", 1 }, { "text/csv;q=0, */*", 0 },
        { "application/*;q=0.5, application/json;q=0", 2 }, { "text/html, */*;q=0.1", 0 },
        { "text/html", ACCEPT_NONE }, { "text/csv;q=0", ACCEPT_NONE }, { "text/csv;q=x", ACCEPT_NONE },
        { "text/csvx", ACCEPT_NONE }, { ",,;", ACCEPT_NONE },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (accept_choose(cases[i].header, offered, 3) != cases[i].chosen)
            fail_msg("'%s': %d", cases[i].header, accept_choose(cases[i].header, offered, 3));
}

static void a_cell_is_never_a_formula(void **state)
{
    static const struct { const char *cell, *written; } cases[] = {
        { "plain", "plain" }, { "", "" }, { "=1+1", "'=1+1" }, { "+1", "'+1" }, { "-1", "'-1" },
        { "@x", "'@x" }, { "\tx", "'\tx" }, { "\rx", "\"'\rx\"" }, { "a,b", "\"a,b\"" },
        { "a\"b", "\"a\"\"b\"" }, { "a\nb", "\"a\nb\"" }, { "=\"x\"", "\"'=\"\"x\"\"\"" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = text_new(*state);

        csv_text(&text, cases[i].cell);
        csv_number(&text, "-1.50");
        assert_string_equal(text_bytes(&text).data,
                            arena_printf(*state, "%s%s-1.50", cases[i].written,
                                         *cases[i].cell != '\0' ? "," : ""));
    }
}

/* --- Exports, to the byte ------------------------------------------------------------------ */

static bool collect(struct sink *sink, struct bytes block)
{
    text_append_bytes(sink->target, block);
    return true;
}

static const char *export_of(struct arena *arena, const char *path, const char *media_type)
{
    struct exchange exchange;
    struct response response;
    struct text text = text_new(arena);
    struct sink sink = { collect, &text };
    const char *const params[] = {
        "REQUEST_METHOD=GET", arena_printf(arena, "DOCUMENT_URI=%s", path),
        arena_printf(arena, "HTTP_AUTHORIZATION=%s", given_token(arena, "root", ROLE_ADMIN)),
        arena_printf(arena, "HTTP_ACCEPT=%s", media_type), NULL,
    };
    struct api api = given_api(POOL_FAST);

    api_open(&api, arena, (char *const *) params, NOW_MS, &exchange);
    response = api_answer(&exchange);
    if (response.answer.stream == NULL)
        return response.answer.body.data;
    assert_null(strstr(sent_bytes(arena, &response), "Content-Length"));
    assert_int_equal(response.answer.stream->write(&exchange.ctx, response.answer.stream, &sink),
                     OK);
    return text_bytes(&text).data;
}

static const char *export_as(struct arena *arena, const char *media_type)
{
    return export_of(arena, "/api/v1/transactions", media_type);
}

static void csv_has_a_head_and_safe_cells(void **state)
{
    assert_string_equal(export_as(*state, "text/csv"),
        "id,type,status,amount,amountMinor,currency,provider,externalId,paymentId,orderId,"
        "occurredAt,recordedAt,traceId,fee,feeMinor,net,netMinor,settlementCurrency\r\n"
        "txn_01ARZ3NDEKTSV4RRFFQ69G5FAV,refund,posted,-1.50,-150,USD,stripe,"
        "\"'=HYPERLINK(\"\"http://x\"\")\",pay_01ARZ3NDEKTSV4RRFFQ69G5FAV,'-danger,"
        "2026-11-23T09:15:27.123Z,2026-11-30T09:15:27.123Z,0af7651916cd43dd8448eb211c80319c,0.03,3,,,USD\r\n");
}

static void ndjson_is_an_object_a_line(void **state)
{
    assert_string_equal(export_as(*state, "application/x-ndjson"),
        "{\"id\":\"txn_01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"type\":\"refund\",\"status\":\"posted\","
        "\"amount\":-1.50,\"amountMinor\":-150,\"currency\":\"USD\",\"provider\":\"stripe\","
        "\"externalId\":\"=HYPERLINK(\\\"http://x\\\")\","
        "\"paymentId\":\"pay_01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"orderId\":\"-danger\","
        "\"occurredAt\":\"2026-11-23T09:15:27.123Z\","
        "\"recordedAt\":\"2026-11-30T09:15:27.123Z\","
        "\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"fee\":0.03,\"feeMinor\":3,"
        "\"net\":null,\"netMinor\":null,\"settlementCurrency\":\"USD\"}\n");
}

static void findings_are_rows_with_both_sides(void **state)
{
    assert_string_equal(export_of(*state, "/api/v1/reconciliations/rec_01ARZ3NDEKTSV4RRFFQ69G5FAV", "text/csv"),
        "provider,day,number,kind,object,state,externalId,paymentId,orderId,ourAmount,ourAmountMinor,ourCurrency,"
        "ourAt,theirAmount,theirAmountMinor,theirCurrency,theirAt,note,foundAt\r\n"
        "stripe,2026-11-29,1,missing_here,charge,open,'=pi_1,,,,,,,99.99,9999,USD,1970-01-01T00:00:01.000Z,"
        "\"nobody, so far, knows\",1970-01-01T00:00:02.000Z\r\n");
}

static void findings_are_objects_with_both_sides(void **state)
{
    const char *body = export_of(*state, "/api/v1/reconciliations/rec_01ARZ3NDEKTSV4RRFFQ69G5FAV",
                                 "application/json");

    assert_non_null(strstr(body, "\"day\":\"2026-11-29\",\"state\":\"done\",\"passes\":1"));
    assert_non_null(strstr(body,
        "\"findings\":[{\"number\":1,\"kind\":\"missing_here\",\"object\":\"charge\",\"state\":\"open\","
        "\"externalId\":\"=pi_1\",\"paymentId\":null,\"orderId\":null,\"ours\":null,"
        "\"theirs\":{\"amount\":99.99,\"amountMinor\":9999,\"currency\":\"USD\","
        "\"at\":\"1970-01-01T00:00:01.000Z\"},\"evidence\":{\"object\":\"ch_1\"},"));
}

static void another_format_is_not_acceptable(void **state)
{
    assert_non_null(strstr(export_as(*state, "text/html"), "/not-acceptable\""));
}

/* --- Bad input ----------------------------------------------------------------------------- */

static void bad_parameters_are_named(void **state)
{
    static const struct { const char *path, *query, *parameter; } cases[] = {
        { "/api/v1/transactions", "limit=0", "limit" },
        { "/api/v1/transactions", "limit=101", "limit" },
        { "/api/v1/transactions", "page=0", "page" },
        { "/api/v1/transactions", "cursor=x", "cursor" },
        { "/api/v1/transactions", "cursor=dHhuOjE", "cursor" },       /* txn:1 */
        { "/api/v1/transactions", "cursor=YXVkOjEuMQ", "cursor" },    /* aud:1.1 */
        { "/api/v1/transactions", "page=1&cursor=dHhuOjE", "cursor" },
        { "/api/v1/transactions", "paymentId=abc", "paymentId" },
        { "/api/v1/transactions", "orderId=a%20b", "orderId" },
        { "/api/v1/transactions", "type=gift", "type" },
        { "/api/v1/transactions", "status=pending", "status" },
        { "/api/v1/transactions", "provider=paypal", "provider" },
        { "/api/v1/transactions", "currency=usd", "currency" },
        { "/api/v1/transactions", "from=yesterday", "from" },
        { "/api/v1/transactions", "to=2026-02-30T00:00:00Z", "to" },
        { "/api/v1/transactions", "from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z", "to" },
        { "/api/v1/audit", "cursor=YXVkOnguMQ", "cursor" },           /* aud:x.1 */
        { "/api/v1/audit", "cursor=dHhuOjE", "cursor" },
        { "/api/v1/audit", "actor=", "actor" },
        { "/api/v1/audit", "page=1", "page" },
        { "/api/v1/audit/verify", "cursor=YXZmOmMu", "cursor" },         /* avf:c. */
        { "/api/v1/audit/verify", "cursor=YXZmOnAucGF5", "cursor" },    /* avf:p.pay */
        { "/api/v1/audit/verify", "limit=1", "limit" },
        { "/api/v1/payments", "needsReview=yes", "needsReview" },
        { "/api/v1/payments", "status=lost", "status" },
        { "/api/v1/payments", "cursor=cGF5OjE", "cursor" },           /* pay:1 */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct given_request wanted = {
            .method = "GET", .path = cases[i].path, .query = cases[i].query,
            .authorization = given_token(*state, "root", ROLE_ADMIN),
        };
        struct response response = send_request(*state, POOL_FAST, &wanted);
        const char *parameter = arena_printf(*state, "\"parameter\":\"%s\"", cases[i].parameter);

        if (response.answer.http_status != 422
            || strstr(response.answer.body.data, parameter) == NULL)
            fail_msg("%s: %s", cases[i].query, response.answer.body.data);
    }
}

static const char *verified(struct arena *arena, const char *query)
{
    const struct given_request wanted = {
        .method = "GET", .path = "/api/v1/audit/verify", .query = query,
        .authorization = given_token(arena, "root", ROLE_ADMIN),
    };

    return send_request(arena, POOL_FAST, &wanted).answer.body.data;
}

static void a_proof_goes_on_where_it_stopped(void **state)
{
    assert_non_null(strstr(verified(*state, ""), "\"nextCursor\":\"YXZmOmMuNw\""));      /* avf:c.7 */
    assert_non_null(strstr(verified(*state, "cursor=YXZmOmMuNw"), "\"nextCursor\":null"));
}

static void the_lists_are_for_admins(void **state)
{
    static const char *const paths[] = { "/api/v1/transactions", "/api/v1/audit",
                                         "/api/v1/audit/verify", "/api/v1/payments" };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const struct given_request wanted = {
            .method = "GET", .path = paths[i],
            .authorization = given_token(*state, "alice", ROLE_USER),
        };

        assert_int_equal(send_request(*state, POOL_FAST, &wanted).answer.http_status, 403);
    }
}

static void a_request_is_shown_without_whom_it_is_about(void **state)
{
    assert_string_equal(mask_form(*state, ""), "");
    assert_string_equal(mask_form(*state, "mode=payment&customer_email=a%40b.example"),
                        "mode=payment&customer_email=***");
    assert_string_equal(mask_form(*state, "line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=usd"),
                        "line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=usd");
    assert_string_equal(mask_form(*state, "x[name]=Bob&x[amount]=3&amounts=Bob"),
                        "x[name]=***&x[amount]=3&amounts=***");
    assert_string_equal(mask_form(*state, "{\"email\":\"a@b\"}"), "***");
}

static void a_request_in_json_is_shown_by_the_names_of_json(void **state)
{
    assert_string_equal(mask_request(*state, "{\"email\":\"a@b.example\",\"amount\":5000,"
                                             "\"metadata\":{\"cancel_action\":\"https://a\"},"
                                             "\"merchant_note\":\"ref_1\"}"),
                        "{\"email\":\"***\",\"amount\":5000,"
                        "\"metadata\":{\"cancel_action\":\"***\"},\"merchant_note\":\"ref_1\"}");
    assert_string_equal(mask_request(*state, "{\"email\":\"a@b"), "\"***\"");
    assert_string_equal(mask_request(*state, "customer_email=a&amount=1"),
                        "customer_email=***&amount=1");
    assert_string_equal(mask_request(*state, ""), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)
    const struct CMUnitTest tests[] = {
        TEST(the_caller_chooses_the_format),
        TEST(a_cell_is_never_a_formula),
        TEST(csv_has_a_head_and_safe_cells),
        TEST(ndjson_is_an_object_a_line),
        TEST(findings_are_rows_with_both_sides),
        TEST(findings_are_objects_with_both_sides),
        TEST(another_format_is_not_acceptable),
        TEST(bad_parameters_are_named),
        TEST(a_proof_goes_on_where_it_stopped),
        TEST(the_lists_are_for_admins),
        TEST(a_request_is_shown_without_whom_it_is_about),
        TEST(a_request_in_json_is_shown_by_the_names_of_json),
    };

    return cmocka_run_group_tests_name("exports", tests, NULL, NULL);
}
