/* The inbox as admins see it: masked bodies, replays, and what a replay would do. */
#include "given.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "application/audit/masking.h"

#define INBOX_ID "whe_01ARZ3NDEKTSV4RRFFQ69G5FAV"

/* --- Masking ------------------------------------------------------------------------------- */

static void only_what_is_known_to_be_harmless_is_shown(void **state)
{
    static const struct { const char *json, *masked; } cases[] = {
        { "{\"id\":\"pi_1\",\"amount\":9999}", "{\"id\":\"pi_1\",\"amount\":9999}" },
        { " { \"email\" : \"a@b\" , \"x\":[ ] } ", "{\"email\":\"***\",\"x\":[]}" },
        { "{\"client_secret\":\"pi_1_secret_2\"}", "{\"client_secret\":\"***\"}" },
        { "{\"phone\":2348012345678}", "{\"phone\":\"***\"}" },
        { "{\"refunded\":true,\"url\":null}", "{\"refunded\":true,\"url\":null}" },
        { "{\"charge\":{\"id\":\"ch_1\",\"billing_details\":{\"name\":\"Bob\"}}}",
          "{\"charge\":{\"id\":\"ch_1\",\"billing_details\":{\"name\":\"***\"}}}" },
        { "{\"metadata\":{\"payment_id\":\"pay_1\",\"note\":\"call Bob\"}}",
          "{\"metadata\":{\"payment_id\":\"pay_1\",\"note\":\"***\"}}" },
        { "{\"tags\":[\"Bob\",1,{\"id\":2}],\"reason\":[\"x\"]}",
          "{\"tags\":[\"***\",\"***\",{\"id\":2}],\"reason\":[\"x\"]}" },
        { "{\"a\\\"id\":\"Bob\",\"em\\u0061il\":\"x\\\\\"}",
          "{\"a\\\"id\":\"***\",\"em\\u0061il\":\"***\"}" },
        { "{\"amount\":-1.5e+3}", "{\"amount\":-1.5e+3}" },
        { "{\"amount\":[0,-0.5,1E9,10]}", "{\"amount\":[0,-0.5,1E9,10]}" },
        { "\"Bob\"", "\"***\"" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(mask_json(*state, bytes_of(cases[i].json)), cases[i].masked);
}

static void what_is_no_json_is_hidden_as_a_whole(void **state)
{
    static const char *const cases[] = {
        "", " ", "{", "{\"id\"}", "{\"id\":}", "{\"id\":1,}", "[1", "[1,]", "{\"id\":1}x", "\"Bob",
        "\"Bob\\", "Bob", "{id:1}", "{\"id\":Bob}", "{'id':1}",
        "{\"id\":1.2.3}", "{\"id\":-}", "{\"id\":01}", "{\"id\":1.}", "{\"id\":1e+}", "{\"id\":nul}",
        "{\"id\":\"\\q\"}", "{\"id\":\"\\u12g4\"}", "{\"id\":\"\n\"}", "\"\\u12",
    };
    char deep[200] = "";
    char nul[] = { '{', '"', 'i', 'd', '"', ':', '\0', '}' };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(mask_json(*state, bytes_of(cases[i])), "\"***\"");
    memset(deep, '[', 100);
    assert_string_equal(mask_json(*state, bytes_of(deep)), "\"***\"");
    assert_string_equal(mask_json(*state, (struct bytes) { nul, sizeof(nul) }), "\"***\"");
}

/* Each of its bytes may be cut off or be another one: never more than the document is read. */
static void no_byte_behind_the_body_is_read(void **state)
{
    static const char json[] = "{\"id\":\"a\\u00e9\",\"n\":[1,true,{\"k\":null}]}";

    for (size_t size = 0; size < sizeof(json) - 1; size++) {
        char *exact = malloc(size + 1);

        memcpy(exact, json, size);
        assert_string_equal(mask_json(*state, (struct bytes) { exact, size }), "\"***\"");
        free(exact);
    }
}

/* --- Documents ----------------------------------------------------------------------------- */

static void an_event_is_written_with_its_history_and_without_personal_data(void **state)
{
    struct response response = ask(*state, "GET", "/api/v1/webhook-events/" INBOX_ID);

    assert_int_equal(response.answer.http_status, 200);
    assert_string_equal(response.answer.body.data,
        "{\"success\":true,\"statusCode\":200,\"data\":{\"id\":\"" INBOX_ID "\",\"provider\":\"stripe\","
        "\"eventId\":\"evt_1\",\"type\":\"payment_intent.succeeded\",\"status\":\"dead\","
        "\"reason\":\"no payment of ours is named\",\"paymentId\":null,\"livemode\":false,"
        "\"attemptCount\":10,\"eventCreatedAt\":\"1970-01-01T00:00:01.000Z\","
        "\"receivedAt\":\"1970-01-01T00:00:02.000Z\",\"nextAttemptAt\":null,"
        "\"finishedAt\":\"1970-01-01T00:00:03.000Z\",\"traceId\":\"0af7\","
        "\"body\":{\"id\":\"evt_1\",\"data\":{\"customer_email\":\"***\"}},"
        "\"attempts\":[{\"at\":\"1970-01-01T00:00:03.000Z\",\"by\":\"jobs\",\"outcome\":\"dead\","
        "\"reason\":\"no payment of ours is named\",\"traceId\":\"1bf8\"}]}}");
}

static struct response replay(struct arena *arena, const char *query)
{
    struct given_request request = {
        .method = "POST", .path = "/api/v1/webhook-events/" INBOX_ID "/replay", .query = query,
        .authorization = given_token(arena, "root", ROLE_ADMIN),
    };

    return send_request(arena, POOL_PROVIDER, &request);
}

static void a_dry_run_tells_what_a_replay_would_do(void **state)
{
    struct response response = replay(*state, "dryRun=true");

    assert_int_equal(response.answer.http_status, 200);
    assert_string_equal(fakes.called, "try_webhook");
    assert_string_equal(response.answer.body.data,
        "{\"success\":true,\"statusCode\":200,\"data\":{\"id\":\"" INBOX_ID "\",\"dryRun\":true,"
        "\"outcome\":\"applied\",\"reason\":null,\"paymentId\":null,"
        "\"before\":{\"status\":\"processing\",\"refundedAmount\":0.00,\"refundedAmountMinor\":0,"
        "\"needsReview\":false},"
        "\"after\":{\"status\":\"completed\",\"refundedAmount\":0.00,\"refundedAmountMinor\":0,"
        "\"needsReview\":false},"
        "\"transactions\":[{\"type\":\"charge\",\"amount\":99.99,\"amountMinor\":9999,"
        "\"currency\":\"USD\"}],\"domainEvents\":[\"payment.completed\"]}}");
}

static void only_true_makes_it_dry(void **state)
{
    assert_int_equal(replay(*state, "dryRun=false").answer.http_status, 200);
    assert_string_equal(fakes.called, "get_webhook_event");     /* after replay_webhook */
    assert_int_equal(replay(*state, "dryRun=yes").answer.http_status, 422);
    assert_int_equal(replay(*state, "dryrun=true").answer.http_status, 422);
    assert_int_equal(replay(*state, "dryRun=true&dryRun=false").answer.http_status, 422);
}

static void filters_of_the_list_are_checked(void **state)
{
    static const struct { const char *query; int http_status; } cases[] = {
        { "provider=stripe&type=x.y&status=dead&paymentId=" PAYMENT_ID "&limit=100", 200 },
        { "from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z", 200 },
        { "status=lost", 422 }, { "provider=paypal", 422 }, { "paymentId=1", 422 },
        { "limit=0", 422 }, { "cursor=x", 422 }, { "page=1", 422 },
        { "from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z", 422 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct given_request request = {
            .method = "GET", .path = "/api/v1/webhook-events", .query = cases[i].query,
            .authorization = given_token(*state, "root", ROLE_ADMIN),
        };
        struct response response = send_request(*state, POOL_FAST, &request);

        assert_int_equal(response.answer.http_status, cases[i].http_status);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_is_known_to_be_harmless_is_shown),
        TEST(what_is_no_json_is_hidden_as_a_whole),
        TEST(no_byte_behind_the_body_is_read),
        TEST(an_event_is_written_with_its_history_and_without_personal_data),
        TEST(a_dry_run_tells_what_a_replay_would_do),
        TEST(only_true_makes_it_dry),
        TEST(filters_of_the_list_are_checked),
    };

    return cmocka_run_group_tests_name("webhook_events", tests, NULL, NULL);
}
