/* Good bodies: they reach the use case as they were sent, amounts to the last digit. */
#include "given.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

#define GOOD "\"amount\":99.99,\"currency\":\"USD\""
#define AROUND(members) "{" GOOD "," members "}"

static void an_order_comes_through_as_it_was_sent(void **state)
{
    struct response response = post_body(*state, "/api/v1/orders", bytes_of(
        "{\"id\":\"abc-123\",\"amount\":99.99,\"amountMinor\":9999,\"currency\":\"USD\","
        "\"description\":\"Zwei B\\u00fccher \xf0\x9f\x93\x9a\",\"customerEmail\":\"a.b+c@shop.example\","
        "\"metadata\":{\"cart\":\"17\",\"q\":\"\\\"x\\\"\"}}"), "application/json");
    const struct order *order = &fakes.create_order.order;

    assert_int_equal(response.answer.http_status, 201);
    assert_string_equal(order->id.text, "abc-123");
    assert_int_equal(order->amount.minor, 9999);
    assert_string_equal(order->amount.currency, "USD");
    assert_string_equal(order->description, "Zwei B\xc3\xbc" "cher \xf0\x9f\x93\x9a");
    assert_string_equal(order->customer_email, "a.b+c@shop.example");
    assert_string_equal(order->metadata_json, "{\"cart\":\"17\",\"q\":\"\\\"x\\\"\"}");
}

/* Numbers are taken out of the text before it is parsed; what only looks like one must stay. */
static void texts_keep_their_digits_quotes_and_brackets(void **state)
{
    post_body(*state, "/api/v1/orders", bytes_of(
        "{\"description\":\"12 \\\"34, [5{ 1.50 -6e7\\\\\",\"metadata\":{\"1\":\"2\",\"\\\"3\":\"\\\\\"},"
        "\"amount\":7,\"currency\":\"USD\"}"), "application/json");
    assert_string_equal(fakes.create_order.order.description, "12 \"34, [5{ 1.50 -6e7\\");
    assert_string_equal(fakes.create_order.order.metadata_json,
                        "{\"1\":\"2\",\"\\\"3\":\"\\\\\"}");
    assert_int_equal(fakes.create_order.order.amount.minor, 700);
}

static void texts_may_fill_their_limits(void **state)
{
    char value[501] = "", key[41] = "", description[ORDER_DESCRIPTION_MAX] = "";

    memset(value, 'v', sizeof(value) - 1);
    memset(key, 'k', sizeof(key) - 1);
    memset(description, 'd', sizeof(description) - 1);
    post_body(*state, "/api/v1/orders", bytes_of(arena_printf(
        *state, AROUND("\"description\":\"%s\",\"metadata\":{\"%s\":\"%s\"}"), description, key,
        value)), "application/json");
    assert_string_equal(fakes.create_order.order.description, description);
    assert_string_equal(fakes.create_order.order.metadata_json,
                        arena_printf(*state, "{\"%s\":\"%s\"}", key, value));
}

static void amounts_are_exact_at_every_size(void **state)
{
    static const struct { const char *members; int64_t minor; } amounts[] = {
        { "\"amount\":0.01,\"currency\":\"USD\"", 1 }, { "\"amount\":0.29,\"currency\":\"USD\"", 29 },
        { "\"amount\":1.1,\"currency\":\"USD\"", 110 }, { "\"amount\":1,\"currency\":\"USD\"", 100 },
        { "\"amount\":9999999999.99,\"currency\":\"USD\"", 999999999999 },
        { "\"amount\":4503599627.37,\"currency\":\"USD\"", 450359962737 },
        { "\"amount\":1000,\"currency\":\"JPY\"", 1000 },
        { "\"amount\":1.005,\"currency\":\"KWD\"", 1005 },
        { "\"amountMinor\":999999999999,\"currency\":\"USD\"", 999999999999 },
        { "\"amount\":1.10,\"amountMinor\":110,\"currency\":\"USD\"", 110 },
    };

    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        char *body = arena_printf(*state, "{%s}", amounts[i].members);

        post_body(*state, "/api/v1/orders", bytes_of(body), "application/json");
        assert_true(fakes.create_order.order.amount.minor == amounts[i].minor);
    }
}

static void members_that_were_left_out_are_absent(void **state)
{
    struct response response = post_body(*state, "/api/v1/orders",
                                         bytes_of("{\"amountMinor\":1,\"currency\":\"USD\"}"),
                                         "application/json");

    assert_int_equal(response.answer.http_status, 201);
    assert_string_equal(fakes.create_order.order.id.text, "");
    assert_string_equal(fakes.create_order.order.metadata_json, "{}");
}

static void a_checkout_needs_no_body_and_no_type(void **state)
{
    const char *path = "/api/v1/orders/abc-123/checkout";

    assert_int_equal(201, post_body(*state, path, bytes_of(""), NULL).answer.http_status);
    assert_int_equal(201, post_body(*state, path, bytes_of("{}"), "application/json").answer.http_status);
    assert_string_equal(fakes.checkout_order.order_id.text, "abc-123");
    assert_string_equal(fakes.checkout_order.currency, "");
    assert_string_equal(fakes.checkout_order.return_url, "");
    assert_null(fakes.checkout_order.key);
}

static void a_checkout_comes_through_as_it_was_sent(void **state)
{
    post_body(*state, "/api/v1/orders/abc-123/checkout", bytes_of(
        "{\"currency\":\"USD\",\"provider\":\"stripe\",\"customerEmail\":\"a@b.example\","
        "\"returnUrl\":\"https://shop.example:8443/done?s={CHECKOUT_SESSION_ID}&x=%20#top\","
        "\"cancelUrl\":\"http://[::1]:3000/\"}"), "application/json");
    assert_string_equal(fakes.checkout_order.currency, "USD");
    assert_string_equal(fakes.checkout_order.provider, "stripe");
    assert_string_equal(fakes.checkout_order.customer_email, "a@b.example");
    assert_string_equal(fakes.checkout_order.return_url,
                        "https://shop.example:8443/done?s={CHECKOUT_SESSION_ID}&x=%20#top");
    assert_string_equal(fakes.checkout_order.cancel_url, "http://[::1]:3000/");
}

static void addresses_of_every_common_form_are_taken(void **state)
{
    static const char *const urls[] = {
        "http://h", "https://shop.example", "https://shop.example/", "http://127.0.0.1:3000/a/b?c#d",
        "https://shop.example?x=1", "http://[2001:db8::1]", "http://[::1]:80/", "http://h:1",
        "https://shop.example/a%C3%A9?b=c%20d&e=[f]",
    };

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        post_body(*state, "/api/v1/orders/abc-123/checkout", bytes_of(arena_printf(
            *state, "{\"returnUrl\":\"%s\"}", urls[i])), "application/json");
        if (strcmp(fakes.checkout_order.return_url, urls[i]) != 0)
            fail_msg("%s", urls[i]);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)
    const struct CMUnitTest tests[] = {
        TEST(an_order_comes_through_as_it_was_sent),
        TEST(texts_keep_their_digits_quotes_and_brackets),
        TEST(texts_may_fill_their_limits),
        TEST(amounts_are_exact_at_every_size),
        TEST(members_that_were_left_out_are_absent),
        TEST(a_checkout_needs_no_body_and_no_type),
        TEST(a_checkout_comes_through_as_it_was_sent),
        TEST(addresses_of_every_common_form_are_taken),
    };

    return cmocka_run_group_tests_name("good bodies", tests, NULL, NULL);
}
