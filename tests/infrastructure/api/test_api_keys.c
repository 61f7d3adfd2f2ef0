/* Calls with an API key: who gets in, what is remembered, and what a new key may be. */
#include "given.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

#include "infrastructure/api/http/access.h"

#define LIVE_KEY "payapi_live_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct api_key key_with(enum scope scope)
{
    struct api_key key = given_key();

    scopes_add(&key.scopes, scope);
    return key;
}

static struct exchange ask_with(struct arena *arena, const char *key, const char *address)
{
    const struct given_request wanted = {
        .method = "GET", .path = "/api/v1/orders/a", .address = address,
        .authorization = arena_printf(arena, "Bearer %s", key),
    };

    return given_exchange(arena, POOL_FAST, &wanted);
}

static void expect_401(const struct exchange *exchange, const char *cause)
{
    assert_non_null(exchange->problem);
    assert_int_equal(exchange->problem->type, PROBLEM_UNAUTHORIZED);
    assert_string_equal(exchange->problem->detail, "The API key is not valid.");
    assert_non_null(strstr(exchange->problem->cause, cause));
    assert_null(strstr(exchange->problem->cause, "payapi_"));
    assert_null(exchange->ctx.api_key);
    assert_int_equal(exchange->ctx.actor.role, ROLE_NONE);
}

/* --- Who gets in ------------------------------------------------------------------------ */

static void a_key_gets_in_as_itself_and_sees_all_owners(void **state)
{
    struct exchange exchange;

    fakes.api_key = key_with(SCOPE_ORDERS_READ);
    exchange = ask_with(*state, GIVEN_KEY, "192.0.2.1");
    assert_null(exchange.problem);
    assert_int_equal(exchange.ctx.actor.kind, ACTOR_KEY);
    assert_int_equal(exchange.ctx.actor.role, ROLE_SHOP);
    assert_string_equal(exchange.ctx.actor.id, API_KEY_ID);
    assert_null(ctx_owner_limit(&exchange.ctx));
    assert_null(ctx_payer(&exchange.ctx));
}

static void a_typo_is_refused_without_a_lookup(void **state)
{
    static const char *const bad[] = {
        "payapi_test_0123456789ABCDEFGHIJKLMNOPQRST4PMbyq", "payapi_test_", "payapi_",
        "payapi_prod_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp", GIVEN_KEY "x",
    };

    fakes.api_key = key_with(SCOPE_ADMIN);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct exchange exchange = ask_with(*state, bad[i], "192.0.2.1");

        expect_401(&exchange, "CRC32");
    }
    assert_int_equal(fakes.key_lookups, 0);
}

static void whatever_is_wrong_the_answer_is_the_same(void **state)
{
    struct exchange exchange;

    exchange = ask_with(*state, GIVEN_KEY, "192.0.2.1");
    expect_401(&exchange, "no such key");
    fakes.api_key = key_with(SCOPE_ADMIN);
    fakes.api_key.revoked_at_ms = NOW_MS;
    exchange = ask_with(*state, GIVEN_KEY, "192.0.2.1");
    expect_401(&exchange, API_KEY_ID ": it is revoked");
    exchange = ask_with(*state, GIVEN_KEY, "192.0.2.1");
    expect_401(&exchange, "revoked");
    assert_int_equal(fakes.key_lookups, 2);     /* a revoked key is remembered too */
}

static void an_expired_key_and_a_foreign_address_are_refused(void **state)
{
    struct exchange exchange;

    fakes.api_key = key_with(SCOPE_ADMIN);
    fakes.api_key.expires_at_ms = NOW_MS + 1;
    fakes.api_key.network_count = 1;
    assert_true(network_parse("192.0.2.0/24", &fakes.api_key.networks[0]));
    exchange = ask_with(*state, GIVEN_KEY, "192.0.2.1");
    assert_null(exchange.problem);
    exchange = ask_with(*state, GIVEN_KEY, "198.51.100.1");
    expect_401(&exchange, "address");
    exchange = ask_with(*state, GIVEN_KEY, NULL);
    expect_401(&exchange, "address");
    assert_int_equal(fakes.key_lookups, 1);
}

static void a_key_of_the_other_mode_is_refused(void **state)
{
    struct exchange exchange;

    fakes.api_key = key_with(SCOPE_ADMIN);
    fakes.api_key.live = true;                  /* our provider keys are for test mode */
    exchange = ask_with(*state, GIVEN_KEY, "192.0.2.1");
    expect_401(&exchange, "mode");
    exchange = ask_with(*state, LIVE_KEY, "192.0.2.1");
    expect_401(&exchange, "no such key");
}

static void each_route_needs_its_scope_and_says_so(void **state)
{
    size_t count;
    const struct route *routes = router_table(&count);

    for (enum scope scope = SCOPE_NONE + 1; scope < SCOPE_COUNT; scope++)
        for (size_t i = 0; i < count; i++) {
            struct ctx ctx = given_ctx(*state);
            struct request request = { .route = &routes[i], .authorization = "Bearer " GIVEN_KEY,
                                       .address = "192.0.2.1" };
            const struct problem *problem;

            if (routes[i].scope == SCOPE_NONE)
                continue;
            fakes.api_key = key_with(scope);
            problem = access_check(&ctx, NULL, api_key_memory_new(*state), &request);
            if (scope == routes[i].scope || scope == SCOPE_ADMIN) {
                assert_null(problem);
                continue;
            }
            assert_int_equal(problem->type, PROBLEM_FORBIDDEN);
            assert_string_equal(problem->detail,
                                arena_printf(*state, "This needs the scope %s.",
                                             scope_name(routes[i].scope)));
        }
}

static void every_scope_is_asked_for_and_every_closed_route_asks(void **state)
{
    size_t count;
    const struct route *routes = router_table(&count);
    struct scopes asked = { 0 };

    (void) state;
    for (size_t i = 0; i < count; i++) {
        bool open = routes[i].access == AUTH_NONE || routes[i].access == AUTH_SIGNATURE;

        assert_int_equal(open, routes[i].scope == SCOPE_NONE);
        if (!open)
            scopes_add(&asked, routes[i].scope);
    }
    assert_int_equal(asked.bits, scopes_all().bits);
}

/* --- The memory ------------------------------------------------------------------------- */

static void a_key_is_remembered_for_less_than_five_seconds(void **state)
{
    struct api_key_memory *memory = api_key_memory_new(*state);
    const struct bytes text = bytes_of(GIVEN_KEY);
    const struct digest digest = digest_of(&text, 1);
    const struct api_key key = key_with(SCOPE_ADMIN);
    struct digest other = digest;

    assert_null(api_key_memory_find(memory, digest, NOW_MS));
    api_key_memory_keep(memory, digest, &key, NOW_MS);
    assert_non_null(api_key_memory_find(memory, digest, NOW_MS));
    assert_true(API_KEY_MEMORY_MS < 5000);
    assert_non_null(api_key_memory_find(memory, digest, NOW_MS + API_KEY_MEMORY_MS - 1));
    assert_null(api_key_memory_find(memory, digest, NOW_MS + API_KEY_MEMORY_MS));
    assert_null(api_key_memory_find(memory, digest, NOW_MS - 1));       /* a clock set back */
    other.bytes[DIGEST_BYTES - 1] ^= 1;
    assert_null(api_key_memory_find(memory, other, NOW_MS));
}

static void a_remembered_key_needs_no_lookup(void **state)
{
    fakes.api_key = key_with(SCOPE_ORDERS_READ);
    for (int i = 0; i < 3; i++) {
        struct exchange exchange = ask_with(*state, GIVEN_KEY, "192.0.2.1");

        assert_null(exchange.problem);
    }
    assert_int_equal(fakes.key_lookups, 1);
}

/* --- Orders ----------------------------------------------------------------------------- */

static struct response order_with(struct arena *arena, const char *authorization, const char *body)
{
    const struct given_request wanted = {
        .method = "POST", .path = "/api/v1/orders", .content_type = "application/json",
        .authorization = authorization, .key = "k1", .body = body,
    };

    return send_request(arena, POOL_FAST, &wanted);
}

static void only_a_key_names_the_owner_of_an_order(void **state)
{
    static const char body[] = "{\"amount\":1,\"currency\":\"USD\",\"ownerId\":\"bob\"}";
    struct response response;

    fakes.api_key = key_with(SCOPE_ORDERS_WRITE);
    response = order_with(*state, "Bearer " GIVEN_KEY, body);
    assert_int_equal(response.answer.http_status, 201);
    assert_string_equal(fakes.create_order.order.owner_id, "bob");
    assert_string_equal(fakes.key.principal, "");       /* shared by all keys of the shop */
    response = order_with(*state, given_token(*state, "root", ROLE_ADMIN), body);
    assert_int_equal(response.answer.http_status, 422);
    assert_non_null(strstr(response.answer.body.data, "#/ownerId"));
}

/* --- New keys --------------------------------------------------------------------------- */

static struct response create_with(struct arena *arena, const char *body)
{
    const struct given_request wanted = {
        .method = "POST", .path = "/api/v1/api-keys", .content_type = "application/json",
        .authorization = given_token(arena, "root", ROLE_ADMIN), .body = body,
    };

    return send_request(arena, POOL_FAST, &wanted);
}

static void a_new_key_has_what_was_asked_for(void **state)
{
    struct response response = create_with(
        *state, "{\"name\":\"till\",\"scopes\":[\"orders:read\",\"refunds:write\"],"
                "\"networks\":[\"192.0.2.0/24\",\"::/0\"],\"expiresAt\":\"2027-01-31T00:00:00Z\"}");

    assert_int_equal(response.answer.http_status, 201);
    assert_string_equal(fakes.create_api_key.name, "till");
    assert_true(scopes_hold(fakes.create_api_key.scopes, SCOPE_ORDERS_READ));
    assert_true(scopes_hold(fakes.create_api_key.scopes, SCOPE_REFUNDS_WRITE));
    assert_int_equal(fakes.create_api_key.network_count, 2);
    assert_int_equal(fakes.create_api_key.expires_at_ms, INT64_C(1801353600000));
    assert_non_null(strstr(response.answer.body.data, "\"key\":\"" GIVEN_KEY "\""));
    assert_non_null(strstr(response.answer.body.data, "\"scopes\":[\"orders:read\",\"refunds:write\"]"));
}

static void bad_members_of_a_new_key_are_pointed_at(void **state)
{
#define BODY(name, scopes, more) "{\"name\":" name ",\"scopes\":" scopes more "}"
#define GOOD "[\"admin\"]"
    static const struct { const char *body, *pointer; } bad[] = {
        { BODY("\"\"", GOOD, ""), "#/name" },
        { BODY("null", GOOD, ""), "#/name" },
        { BODY("7", GOOD, ""), "#/name" },
        { BODY("\"a\\nb\"", GOOD, ""), "#/name" },
        { BODY("\"12345678901234567890123456789012345678901234567890123456789012345\"", GOOD, ""),
          "#/name" },
        { "{\"scopes\":" GOOD "}", "#/name" },
        { "{\"name\":\"n\"}", "#/scopes" },
        { BODY("\"n\"", "null", ""), "#/scopes" },
        { BODY("\"n\"", "\"admin\"", ""), "#/scopes" },
        { BODY("\"n\"", "[]", ""), "#/scopes" },
        { BODY("\"n\"", "[\"admin\",7]", ""), "#/scopes/1" },
        { BODY("\"n\"", "[\"admin\",null]", ""), "#/scopes/1" },
        { BODY("\"n\"", "[\"admin\",\"\"]", ""), "#/scopes/1" },
        { BODY("\"n\"", "[\"webhooks:reads\"]", ""), "#/scopes/0" },
        { BODY("\"n\"", "[\"orders:read\",\"admin\",\"orders:read\"]", ""), "#/scopes/2" },
        { BODY("\"n\"", GOOD, ",\"networks\":null"), "#/networks" },
        { BODY("\"n\"", GOOD, ",\"networks\":[]"), "#/networks" },
        { BODY("\"n\"", GOOD, ",\"networks\":[\"192.0.2.0/24\",\"192.0.2.1/24\"]"), "#/networks/1" },
        { BODY("\"n\"", GOOD, ",\"networks\":[\"192.0.2.1\"]"), "#/networks/0" },
        { BODY("\"n\"", GOOD, ",\"expiresAt\":\"tomorrow\""), "#/expiresAt" },
        { BODY("\"n\"", GOOD, ",\"expiresAt\":null"), "#/expiresAt" },
        { BODY("\"n\"", GOOD, ",\"expiresAt\":1801353600"), "#/expiresAt" },
        { BODY("\"n\"", GOOD, ",\"live\":true"), "#/live" },
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct response response = create_with(*state, bad[i].body);
        const char *wanted = arena_printf(*state, "\"pointer\":\"%s\"", bad[i].pointer);

        if (response.answer.http_status != 422
            || strstr(response.answer.body.data, wanted) == NULL)
            fail_msg("%s: %d %s", bad[i].body, response.answer.http_status,
                     response.answer.body.data);
    }
    assert_int_equal(fakes.calls, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)
    const struct CMUnitTest tests[] = {
        TEST(a_key_gets_in_as_itself_and_sees_all_owners),
        TEST(a_typo_is_refused_without_a_lookup),
        TEST(whatever_is_wrong_the_answer_is_the_same),
        TEST(an_expired_key_and_a_foreign_address_are_refused),
        TEST(a_key_of_the_other_mode_is_refused),
        TEST(each_route_needs_its_scope_and_says_so),
        TEST(every_scope_is_asked_for_and_every_closed_route_asks),
        TEST(a_key_is_remembered_for_less_than_five_seconds),
        TEST(a_remembered_key_needs_no_lookup),
        TEST(only_a_key_names_the_owner_of_an_order),
        TEST(a_new_key_has_what_was_asked_for),
        TEST(bad_members_of_a_new_key_are_pointed_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
