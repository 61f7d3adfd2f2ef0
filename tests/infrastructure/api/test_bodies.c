/*
 * Bad bodies: what each of them is answered with. All go through the whole API, so that none of
 * them reaches a use case by another way.
 */
#include "given.h"

#include "infrastructure/api/input/field_forms.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/text.h"

#define GOOD "\"amount\":99.99,\"currency\":\"USD\""
#define AROUND(members) "{" GOOD "," members "}"
#define TIMES_16(text) text text text text text text text text text text text text text text text text

static bool points_at(const struct response *response, const char *pointer)
{
    const char *wanted[2] = { "\"pointer\":\"", pointer };
    const char *found = response->answer.body.data;
    size_t size = strlen(pointer);

    while ((found = strstr(found, wanted[0])) != NULL) {
        found += strlen(wanted[0]);
        if (strncmp(found, pointer, size) == 0 && found[size] == '"')
            return true;
    }
    return false;
}

static void expect(const char *name, const struct response *response, int http_status,
                   const char *pointer)
{
    if (response->answer.http_status != http_status)
        fail_msg("%s: status %d instead of %d\n%s", name, response->answer.http_status, http_status,
                 response->answer.body.data);
    if (pointer != NULL && !points_at(response, pointer))
        fail_msg("%s: nothing points at %s\n%s", name, pointer, response->answer.body.data);
    assert_string_equal(response->content_type, "application/problem+json");
    if (fakes.calls != 0)
        fail_msg("%s: a use case was called", name);
}

/* --- Not JSON ------------------------------------------------------------------------------ */

static const struct { const char *body; size_t size; } malformed[] = {
#define TEXT(literal) { literal, sizeof(literal) - 1 }
    TEXT(""), TEXT(" "), TEXT("{"), TEXT("}"), TEXT("nonsense"), TEXT("{" GOOD), TEXT("{" GOOD "} x"),
    TEXT("{" GOOD "}{}"), TEXT("{" GOOD ",}"), TEXT("{" GOOD " \"a\":1}"), TEXT("{'amount':1}"),
    TEXT("{amount:1}"), TEXT("{\"amount\" 1}"), TEXT("{\"amount\":}"), TEXT("{\"a\":tru}"),
    TEXT("{\"a\":True}"), TEXT("{\"a\":nul}"), TEXT("{\"a\":NaN}"), TEXT("{\"a\":Infinity}"),
    TEXT("{\"a\":\"x}"), TEXT("{\"a\":\"\\x\"}"), TEXT("{\"a\":\"\\u12\"}"), TEXT("{\"a\":\"\n\"}"),
    TEXT("{\"a\":\"\\"), TEXT("/* */{}"),
    /* another top level */
    TEXT("[]"), TEXT("null"), TEXT("true"), TEXT("\"text\""), TEXT("17"), TEXT("1.5"),
    /* members given twice */
    TEXT("{\"amount\":1,\"amount\":1,\"currency\":\"USD\"}"),
    TEXT("{\"amount\":1,\"\\u0061mount\":1,\"currency\":\"USD\"}"),
    TEXT(AROUND("\"metadata\":{\"a\":\"1\",\"a\":\"1\"}")),
    /* numbers that are none */
    TEXT("{\"amount\":01}"), TEXT("{\"amount\":+1}"), TEXT("{\"amount\":.5}"), TEXT("{\"amount\":1.}"),
    TEXT("{\"amount\":-}"), TEXT("{\"amount\":1e}"), TEXT("{\"amount\":1e+}"), TEXT("{\"amount\":1-2}"),
    TEXT("{\"amount\":0x10}"), TEXT("{\"amount\":1.2.3}"), TEXT("{\"amount\":--1}"),
    TEXT("{\"amount\":1_000}"), TEXT("{\"amount\":1 000}"), TEXT("{\"amount\":00}"), TEXT("{1:2}"),
    /* not UTF-8, or more than text */
    TEXT("{\"description\":\"\xff\"}"), TEXT("{\"description\":\"\xc0\xaf\"}"),
    TEXT("{\"description\":\"\xed\xa0\x80\"}"), TEXT("{\"description\":\"\xf4\x90\x80\x80\"}"),
    TEXT("{\"description\":\"\xe2\x82\"}"), TEXT("\xef\xbb\xbf{}"), TEXT("{\"a\":1,\0\"b\":1}"),
    TEXT("{}\0"), TEXT("{\"amount\":1\0,\"currency\":\"USD\"}"), TEXT("{\"amountMinor\":500\0}"), TEXT("{\"description\":\"\\ud800\"}"), TEXT("{\"description\":\"\\u0000\"}"),
    TEXT("{\"\\u0000\":1}"),
    /* too deep: the object is the first of 17 levels */
    TEXT("{\"metadata\":" TIMES_16("[") TIMES_16("]") "}"),
    TEXT("{\"metadata\":" TIMES_16("{\"a\":") "1" TIMES_16("}") "}"),
    TEXT(TIMES_16("[") TIMES_16("[") TIMES_16("[")),
};

static void a_body_that_is_no_json_object_is_a_malformed_request(void **state)
{
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        struct bytes body = { malformed[i].body, malformed[i].size };
        struct response response = post_body(*state, "/api/v1/orders", body, "application/json");

        expect(malformed[i].body, &response, 400, NULL);
        assert_non_null(strstr(response.answer.body.data, "/malformed-request\""));
    }
}

static void sixteen_levels_are_not_too_deep(void **state)
{
    struct bytes body = bytes_of("{\"metadata\":" "[[[[[[[[[[[[[[[" "]]]]]]]]]]]]]]]" "}");
    struct response response = post_body(*state, "/api/v1/orders", body, "application/json");

    expect("16 levels", &response, 422, "#/metadata");
}

/* --- JSON, but not acceptable -------------------------------------------------------------- */

struct bad_member {
    const char *body;
    const char *pointer;
};

static const struct bad_member bad_orders[] = {
    { "{}", "#/currency" }, { "{\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":1}", "#/currency" }, { "{\"amount\":1,\"currency\":null}", "#/currency" },
    { "{\"amount\":-1,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":-0,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":0,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":0.00,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":1e3,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":1E3,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":1e999,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":1e-2,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":99.999,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":1.000,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":10.5,\"currency\":\"JPY\"}", "#/amount" },
    { "{\"amount\":1.00,\"currency\":\"JPY\"}", "#/amount" },
    { "{\"amount\":1.0005,\"currency\":\"KWD\"}", "#/amount" },
    { "{\"amount\":\"99.99\",\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":true,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":null,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":{},\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":[1],\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":10000000000.00,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":9999999999.991,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":1000000000000000000,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amount\":99999999999999999999999999999999999999999999,\"currency\":\"USD\"}", "#/amount" },
    { "{\"amountMinor\":0,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amountMinor\":-5,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amountMinor\":1.5,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amountMinor\":1.0,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amountMinor\":1e2,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amountMinor\":1000000000000,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amountMinor\":9223372036854775808,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amountMinor\":18446744073709551617,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amountMinor\":10000000000000000000000000000000000000001,\"currency\":\"USD\"}",
      "#/amountMinor" },
    { "{\"amountMinor\":\"5\",\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amount\":1,\"amountMinor\":101,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amount\":1,\"amountMinor\":1,\"currency\":\"USD\"}", "#/amountMinor" },
    { "{\"amount\":100,\"amountMinor\":10000,\"currency\":\"JPY\"}", "#/amountMinor" },
    { "{\"amount\":1,\"currency\":\"XXZ\"}", "#/currency" },
    { "{\"amount\":1,\"currency\":\"usd\"}", "#/currency" },
    { "{\"amount\":1,\"currency\":\"Usd\"}", "#/currency" },
    { "{\"amount\":1,\"currency\":\"US\"}", "#/currency" },
    { "{\"amount\":1,\"currency\":\"USDX\"}", "#/currency" },
    { "{\"amount\":1,\"currency\":\"\"}", "#/currency" },
    { "{\"amount\":1,\"currency\":840}", "#/currency" },
    { AROUND("\"surprise\":1"), "#/surprise" }, { AROUND("\"status\":\"paid\""), "#/status" },
    { AROUND("\"ownerId\":\"bob\""), "#/ownerId" }, { AROUND("\"\":1"), "#/" },
    { AROUND("\"a/b~c\":null"), "#/a~1b~0c" }, { AROUND("\"a b\\n\\\"\":1"), "#/a%20b%0A%22" },
    { AROUND("\"\xc3\xa9\":1"), "#/%C3%A9" }, { AROUND("\"Amount\":1"), "#/Amount" },
    { AROUND("\"id\":\"\""), "#/id" }, { AROUND("\"id\":\"a b\""), "#/id" },
    { AROUND("\"id\":\"..\""), "#/id" }, { AROUND("\"id\":\".\""), "#/id" },
    { AROUND("\"id\":\"x\\n\""), "#/id" }, { AROUND("\"id\":\"a/b\""), "#/id" },
    { AROUND("\"id\":\"\xc3\xa9\""), "#/id" }, { AROUND("\"id\":5"), "#/id" },
    { AROUND("\"id\":\"" TIMES_16("abcd") "x\""), "#/id" },
    { AROUND("\"customerEmail\":\"nobody\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"@b.com\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"a@b\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"a@@b.com\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"a b@b.com\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"a@b..com\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"a@-b.com\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"a@b.com>\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"a@b.com\\r\\nBcc: c@d.com\""), "#/customerEmail" },
    { AROUND("\"customerEmail\":17"), "#/customerEmail" },
    { AROUND("\"description\":[]"), "#/description" },
    { AROUND("\"description\":\"a\\u0007b\""), "#/description" },
    { AROUND("\"description\":\"a\\nb\""), "#/description" },
    { AROUND("\"description\":\"\\u007f\""), "#/description" },
    { AROUND("\"description\":\"" TIMES_16(TIMES_16("ab")) "\""), "#/description" },
    { AROUND("\"metadata\":[]"), "#/metadata" }, { AROUND("\"metadata\":\"a\""), "#/metadata" },
    { AROUND("\"metadata\":{\"a\":1}"), "#/metadata/a" },
    { AROUND("\"metadata\":{\"a\":null}"), "#/metadata/a" },
    { AROUND("\"metadata\":{\"a\":{\"b\":\"c\"}}"), "#/metadata/a" },
    { AROUND("\"metadata\":{\"\":\"x\"}"), "#/metadata/" },
    { AROUND("\"metadata\":{\"a/b\":1}"), "#/metadata/a~1b" },
    { AROUND("\"metadata\":{\"k\":\"a\\u0001\"}"), "#/metadata/k" },
    { AROUND("\"metadata\":{\"" TIMES_16("abc") "\":\"x\"}"),
      "#/metadata/" TIMES_16("abc") },
    { AROUND("\"metadata\":{\"k\":\"\"}"), "#/metadata/k" }, { AROUND("\"metadata\":null"), "#/metadata" },
    { AROUND("\"id\":null"), "#/id" }, { AROUND("\"amountMinor\":null"), "#/amountMinor" },
    { AROUND("\"description\":null"), "#/description" },
    { AROUND("\"description\":\"\""), "#/description" },
    { AROUND("\"customerEmail\":null"), "#/customerEmail" },
    { AROUND("\"customerEmail\":\"\""), "#/customerEmail" },
};

static const struct bad_member bad_checkouts[] = {
    { "{\"currency\":\"usd\"}", "#/currency" }, { "{\"currency\":5}", "#/currency" },
    { "{\"provider\":5}", "#/provider" }, { "{\"provider\":\"a-name-that-is-too-long\"}", "#/provider" },
    { "{\"returnUrl\":\"javascript:alert(1)\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"/relative\"}", "#/returnUrl" }, { "{\"returnUrl\":\"//host/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://\"}", "#/returnUrl" }, { "{\"returnUrl\":\"http:///x\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"HTTP://host/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"ftp://host/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://user:pw@host/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host:/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host:123456/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host:80x/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://[::1/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host/\\r\\nX: y\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host/a b\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host/%zz\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host/%4\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host/<x>\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://host\\\\@evil/\"}", "#/returnUrl" },
    { "{\"returnUrl\":\"http://h\xc3\xb6st/\"}", "#/returnUrl" },
    { "{\"cancelUrl\":5}", "#/cancelUrl" }, { "{\"cancelUrl\":\"x\"}", "#/cancelUrl" },
    { "{\"customerEmail\":\"@\"}", "#/customerEmail" }, { "{\"amount\":1}", "#/amount" },
    { "{\"currency\":null}", "#/currency" }, { "{\"currency\":\"\"}", "#/currency" },
    { "{\"provider\":null}", "#/provider" }, { "{\"provider\":\"\"}", "#/provider" },
    { "{\"returnUrl\":null}", "#/returnUrl" }, { "{\"cancelUrl\":\"\"}", "#/cancelUrl" },
};

/* An absent amount gives back all that is left; null is not absent. */
static const struct bad_member bad_refunds[] = {
    { "{\"amount\":null}", "#/amount" }, { "{\"amountMinor\":null}", "#/amountMinor" },
    { "{\"amount\":null,\"amountMinor\":1}", "#/amount" }, { "{\"amount\":\"\"}", "#/amount" },
    { "{\"currency\":null}", "#/currency" }, { "{\"currency\":\"\"}", "#/currency" },
    { "{\"reason\":null}", "#/reason" }, { "{\"reason\":\"\"}", "#/reason" },
};

static void refuse_all(struct arena *arena, const char *path, const struct bad_member *members,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct response response = post_body(arena, path, bytes_of(members[i].body), "application/json");

        expect(members[i].body, &response, 422, members[i].pointer);
    }
}

static void each_bad_member_of_an_order_is_pointed_at(void **state)
{
    refuse_all(*state, "/api/v1/orders", bad_orders, sizeof(bad_orders) / sizeof(bad_orders[0]));
}

static void each_bad_member_of_a_checkout_is_pointed_at(void **state)
{
    refuse_all(*state, "/api/v1/orders/abc-123/checkout", bad_checkouts,
               sizeof(bad_checkouts) / sizeof(bad_checkouts[0]));
}

static void where_a_payer_is_sent_back_to_the_operator_may_limit(void **state)
{
    static const struct bad_member elsewhere[] = {
        { "{\"returnUrl\":\"https://evil.example/\"}", "#/returnUrl" },
        { "{\"cancelUrl\":\"https://evil.example/\"}", "#/cancelUrl" },
        { "{\"returnUrl\":\"http://shop.example/\"}", "#/returnUrl" },
        { "{\"returnUrl\":\"https://shop.example:444/\"}", "#/returnUrl" },
        { "{\"returnUrl\":\"https://shop.example.evil.example/\"}", "#/returnUrl" },
        { "{\"returnUrl\":\"https://shop.exampl/\"}", "#/returnUrl" },
        { "{\"returnUrl\":\"https://www.shop.example/\"}", "#/returnUrl" },
        { "{\"returnUrl\":\"https://evil.example/https://shop.example/\"}", "#/returnUrl" },
    };
    static const char *const there[] = {
        "https://shop.example", "https://shop.example/", "https://SHOP.example/a?b=https://evil.example",
        "https://shop.example?a", "https://shop.example#a", "https://other.example:8443/x",
    };

    given_return_url_origins("https://shop.example  https://other.example:8443");
    refuse_all(*state, "/api/v1/orders/abc-123/checkout", elsewhere,
               sizeof(elsewhere) / sizeof(elsewhere[0]));
    for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
        assert_true(form_has_origin(there[i], "https://shop.example  https://other.example:8443"));
}

static void each_bad_member_of_a_refund_is_pointed_at(void **state)
{
    struct given_request wanted = {
        .method = "POST", .path = "/api/v1/payments/pay_01J8ZQ4W3E5R6T7Y8V9A0S1D2F/refund",
        .content_type = "application/json", .key = "k1",
        .authorization = given_token(*state, "root", ROLE_ADMIN),
    };

    for (size_t i = 0; i < sizeof(bad_refunds) / sizeof(bad_refunds[0]); i++) {
        struct response response;

        wanted.body = bad_refunds[i].body;
        response = send_request(*state, POOL_PROVIDER, &wanted);
        expect(wanted.body, &response, 422, bad_refunds[i].pointer);
    }
}

static void all_faults_are_told_at_once(void **state)
{
    static const char *const pointers[] = { "#/amount", "#/customerEmail", "#/id", "#/metadata/a",
                                            "#/surprise" };
    struct response response = post_body(*state, "/api/v1/orders",
                                    bytes_of("{\"amount\":0,\"currency\":\"USD\",\"customerEmail\":"
                                             "\"x\",\"id\":\"\",\"metadata\":{\"a\":1},"
                                             "\"surprise\":1}"), "application/json");

    for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++)
        expect("all at once", &response, 422, pointers[i]);
}

static void more_faults_than_there_is_room_for_are_left_out(void **state)
{
    struct text body = text_new(*state);
    struct response response;
    json_t *document;

    text_append(&body, "{");
    for (int i = 0; i < 3 * PROBLEM_FIELDS_MAX; i++)
        text_printf(&body, "%s\"x%d\":0", i > 0 ? "," : "", i);
    text_append(&body, "}");
    response = post_body(*state, "/api/v1/orders", text_bytes(&body), "application/json");
    expect("many", &response, 422, "#/currency");
    document = json_loads(response.answer.body.data, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "errors")), PROBLEM_FIELDS_MAX);
    json_decref(document);
}

static void metadata_has_limits_in_number_and_size(void **state)
{
    struct text many = text_new(*state), large = text_new(*state);
    char value[502] = "", key[42] = "";
    struct response response;

    memset(value, 'v', sizeof(value) - 1);
    memset(key, 'k', sizeof(key) - 1);
    response = post_body(*state, "/api/v1/orders", bytes_of(arena_printf(
        *state, AROUND("\"metadata\":{\"v\":\"%s\",\"%s\":\"x\"}"), value, key)), "application/json");
    expect("501 bytes", &response, 422, "#/metadata/v");
    expect("41 bytes", &response, 422, arena_printf(*state, "#/metadata/%s", key));
    text_append(&many, "{" GOOD ",\"metadata\":{");
    text_append(&large, "{" GOOD ",\"metadata\":{");
    for (int i = 0; i < METADATA_PAIRS_MAX + 1; i++)
        text_printf(&many, "%s\"k%d\":\"v\"", i > 0 ? "," : "", i);
    for (int i = 0; i < METADATA_PAIRS_MAX; i++) {
        text_printf(&large, "%s\"k%d\":\"", i > 0 ? "," : "", i);
        for (int quote = 0; quote < 500; quote++)
            text_append(&large, "\\\"");
        text_append(&large, "\"");
    }
    text_append(&many, "}}");
    text_append(&large, "}}");
    response = post_body(*state, "/api/v1/orders", text_bytes(&many), "application/json");
    expect("21 pairs", &response, 422, "#/metadata");
    response = post_body(*state, "/api/v1/orders", text_bytes(&large), "application/json");
    expect("20 KiB of metadata", &response, 422, "#/metadata");
}

/* --- Content types ------------------------------------------------------------------------- */

static void a_body_of_another_type_is_unsupported(void **state)
{
    static const char *const types[] = {
        NULL, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx",
        "application/json; charset=latin-1", "application/json; boundary=x", "application/json;",
        "application/json charset=utf-8",
        "application/json; charset=utf-8; x=y", "application/json; x=\"a, b\"", "json",
        "multipart/form-data; boundary=application/json", "application/merge-patch+json",
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct response response = post_body(*state, "/api/v1/orders", bytes_of("{" GOOD "}"), types[i]);

        expect(types[i] != NULL ? types[i] : "no type", &response, 415, NULL);
    }
}

static void json_in_utf8_is_understood_however_it_is_spelled(void **state)
{
    static const char *const types[] = {
        "application/json", "Application/JSON", "application/json;charset=utf-8",
        "application/json; charset=UTF-8", "application/json ; charset=\"utf-8\"",
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        assert_int_equal(201, post_body(*state, "/api/v1/orders", bytes_of("{" GOOD "}"), types[i])
                                  .answer.http_status);
    assert_int_equal(fakes.calls, (int) (sizeof(types) / sizeof(types[0])));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)
    const struct CMUnitTest tests[] = {
        TEST(a_body_that_is_no_json_object_is_a_malformed_request),
        TEST(sixteen_levels_are_not_too_deep),
        TEST(each_bad_member_of_an_order_is_pointed_at),
        TEST(each_bad_member_of_a_checkout_is_pointed_at),
        TEST(where_a_payer_is_sent_back_to_the_operator_may_limit),
        TEST(each_bad_member_of_a_refund_is_pointed_at),
        TEST(all_faults_are_told_at_once),
        TEST(more_faults_than_there_is_room_for_are_left_out),
        TEST(metadata_has_limits_in_number_and_size),
        TEST(a_body_of_another_type_is_unsupported),
        TEST(json_in_utf8_is_understood_however_it_is_spelled),
    };

    return cmocka_run_group_tests_name("bodies", tests, NULL, NULL);
}
