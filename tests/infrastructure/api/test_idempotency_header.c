/* The Idempotency-Key: its forms, and which requests count as the same. */
#include "given.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

static struct response post_to(struct arena *arena, const char *path, const char *subject,
                               const char *key, const char *body)
{
    const struct given_request wanted = {
        .method = "POST", .path = path, .content_type = "application/json", .key = key,
        .authorization = given_token(arena, subject, ROLE_SHOP), .body = body,
    };

    fakes.key = (struct idempotency_key) { 0 };
    return send_request(arena, strstr(path, "checkout") != NULL ? POOL_PROVIDER : POOL_FAST,
                        &wanted);
}

static struct response post(struct arena *arena, const char *key, const char *body)
{
    return post_to(arena, "/api/v1/orders", "alice", key, body);
}

/* Copied: the next request overwrites it. */
static const char *fingerprint_of(struct arena *arena, const char *body)
{
    assert_int_equal(post(arena, "k", body).answer.http_status, 201);
    return arena_strdup(arena, fakes.key.fingerprint);
}

#define GOOD "{\"amount\":1.50,\"currency\":\"USD\"}"

static void without_the_header_there_is_no_key(void **state)
{
    assert_int_equal(post(*state, NULL, GOOD).answer.http_status, 201);
    assert_null(fakes.create_order.key);
}

static void a_key_may_be_bare_or_quoted(void **state)
{
    static const struct { const char *header, *key; } good[] = {
        { "k", "k" }, { "9f0c7a30-95f0-4f0e-8d0a-1c8e5a3b0f11", "9f0c7a30-95f0-4f0e-8d0a-1c8e5a3b0f11" },
        { "\"k\"", "k" }, { "\"a\\\"b\"", "a\"b" }, { "\"a\\\\b\"", "a\\b" }, { "\"a\\\\\"", "a\\" },
        { "a\"b", "a\"b" }, { "a\\b", "a\\b" }, { "~!@#$%^&*(){}[];:,.<>/?", "~!@#$%^&*(){}[];:,.<>/?" },
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(post(*state, good[i].header, GOOD).answer.http_status, 201);
        assert_string_equal(fakes.key.key, good[i].key);
    }
}

static void a_key_that_is_none_is_malformed(void **state)
{
    static const char *const bad[] = {
        "", " ", "a b", "a\tb", "k\xc3\xa9", "\x7f", "\"", "\"\"", "\"a", "\"a\"b", "\"a\" ", "\"a b\"",
        "\"a\\\"", "\"a\\b\"", "\"a\\", "\"a\\\\\\\"", "\"\xc3\xa9\"",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (post(*state, bad[i], GOOD).answer.http_status != 400)
            fail_msg("<%s>", bad[i]);
    assert_int_equal(fakes.calls, 0);
}

static void a_key_has_at_most_255_characters(void **state)
{
    char key[259] = "";

    memset(key, 'k', 255);
    assert_int_equal(post(*state, key, GOOD).answer.http_status, 201);
    key[255] = 'k';
    assert_int_equal(post(*state, key, GOOD).answer.http_status, 400);
    key[0] = key[256] = '"';
    assert_int_equal(post(*state, key, GOOD).answer.http_status, 201);
    key[256] = 'k';
    key[257] = '"';
    assert_int_equal(post(*state, key, GOOD).answer.http_status, 400);
}

static void a_key_belongs_to_caller_and_route(void **state)
{
    post(*state, "k", GOOD);
    assert_string_equal(fakes.key.principal, "alice");
    assert_string_equal(fakes.key.route, "POST /api/v1/orders");
    post_to(*state, "/api/v1/orders/abc-123/checkout", "bob", "k", "");
    assert_string_equal(fakes.key.principal, "bob");
    assert_string_equal(fakes.key.route, "POST /api/v1/orders/:id/checkout");
}

static void every_request_holds_its_key_by_another_name(void **state)
{
    const char *first;

    post(*state, "k", GOOD);
    first = arena_strdup(*state, fakes.key.holder);
    assert_int_equal(strlen(first), 32);
    post(*state, "k", GOOD);
    assert_string_not_equal(fakes.key.holder, first);
}

static void requests_that_say_the_same_have_one_fingerprint(void **state)
{
    static const char *const same[] = {
        " {\n\t\"currency\" : \"USD\" , \"amount\" : 1.50 }\r\n",
        "{\"currency\":\"\\u0055SD\",\"\\u0061mount\":1.50}",
    };
    const char *fingerprint = fingerprint_of(*state, GOOD);

    /* printf 'POST\n/api/v1/orders\n{"amount":1.50,"currency":"USD"}' | sha256sum */
    assert_string_equal(fingerprint, "d336f1630566de04336859dc78bd0f6d567ad0d5af46128dc573123b67f588d6");
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        assert_string_equal(fingerprint_of(*state, same[i]), fingerprint);
}

static void requests_that_say_something_else_have_another_fingerprint(void **state)
{
    static const char *const others[] = {
        "{\"amount\":1.51,\"currency\":\"USD\"}", "{\"amount\":1.50,\"currency\":\"EUR\"}",
        "{\"amount\":1.5,\"currency\":\"USD\"}",        /* digits count, zeros too */
        "{\"amountMinor\":150,\"currency\":\"USD\"}",
        "{\"amount\":1.50,\"currency\":\"USD\",\"id\":\"a\"}",
        "{\"amount\":1.50,\"currency\":\"USD\",\"id\":\"b\"}",
        "{\"amount\":1.50,\"currency\":\"USD\",\"metadata\":{\"a\":\"b\"}}",
        "{\"amount\":1.50,\"currency\":\"USD\",\"metadata\":{\"b\":\"a\"}}",
    };
    const char *seen[sizeof(others) / sizeof(others[0]) + 1] = { fingerprint_of(*state, GOOD) };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        seen[i + 1] = fingerprint_of(*state, others[i]);
        for (size_t before = 0; before <= i; before++)
            assert_string_not_equal(seen[i + 1], seen[before]);
    }
}

static void the_path_is_part_of_the_fingerprint(void **state)
{
    const char *first;

    post_to(*state, "/api/v1/orders/one/checkout", "alice", "k", "");
    first = arena_strdup(*state, fakes.key.fingerprint);
    post_to(*state, "/api/v1/orders/two/checkout", "alice", "k", "");
    assert_string_not_equal(fakes.key.fingerprint, first);
}

static void no_body_and_an_empty_object_are_the_same(void **state)
{
    const char *first;

    post_to(*state, "/api/v1/orders/one/checkout", "alice", "k", "");
    first = arena_strdup(*state, fakes.key.fingerprint);
    post_to(*state, "/api/v1/orders/one/checkout", "alice", "k", "{ }");
    assert_string_equal(fakes.key.fingerprint, first);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)
    const struct CMUnitTest tests[] = {
        TEST(without_the_header_there_is_no_key),
        TEST(a_key_may_be_bare_or_quoted),
        TEST(a_key_that_is_none_is_malformed),
        TEST(a_key_has_at_most_255_characters),
        TEST(a_key_belongs_to_caller_and_route),
        TEST(every_request_holds_its_key_by_another_name),
        TEST(requests_that_say_the_same_have_one_fingerprint),
        TEST(requests_that_say_something_else_have_another_fingerprint),
        TEST(the_path_is_part_of_the_fingerprint),
        TEST(no_body_and_an_empty_object_are_the_same),
    };

    return cmocka_run_group_tests_name("idempotency header", tests, NULL, NULL);
}
