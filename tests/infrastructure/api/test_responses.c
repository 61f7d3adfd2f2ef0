/* What goes back: status line, headers, and the documents of /health. */
#include "given.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

/* --- Responses ----------------------------------------------------------------------------- */

static void what_was_created_has_a_location(void **state)
{
    struct response response = ask(*state, "POST", "/api/v1/orders");

    assert_string_equal(response.location, "/api/v1/orders/ord_new");
    response = ask(*state, "POST", "/api/v1/orders/abc-123/checkout");
    assert_string_equal(response.location, "/api/v1/payments/" PAYMENT_ID);
    response = ask(*state, "GET", "/api/v1/orders/abc-123");
    assert_null(response.location);
}

static void a_response_is_written_whole(void **state)
{
    struct response response = ask(*state, "GET", "/health/live");

    assert_string_equal(sent_bytes(*state, &response),
                        "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
                        "\r\n{\"status\":\"ok\"}");
    response = ask(*state, "HEAD", "/health/live");
    assert_string_equal(sent_bytes(*state, &response),
                        "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
                        "\r\n");
}

static void a_replay_says_so(void **state)
{
    struct response response = ask(*state, "POST", "/api/v1/orders");

    assert_null(strstr(sent_bytes(*state, &response), "Idempotent-Replayed"));
    fakes.replay = true;
    response = ask(*state, "POST", "/api/v1/orders");
    assert_non_null(strstr(sent_bytes(*state, &response), "\r\nIdempotent-Replayed: true\r\n"));
    assert_string_equal(response.location, "/api/v1/orders/ord_new");
}

static void who_may_follow_a_payment_is_handed_over_by_nginx(void **state)
{
    struct response response = ask(*state, "GET", "/api/v1/payments/" PAYMENT_ID "/events");

    assert_non_null(strstr(sent_bytes(*state, &response),
                           "\r\nX-Accel-Redirect: /stream/payment/" PAYMENT_ID "/0/"));
    fakes.problem = problem_new(*state, PROBLEM_NOT_FOUND, "There is no such payment.");
    response = ask(*state, "GET", "/api/v1/payments/" PAYMENT_ID "/events");
    assert_int_equal(response.answer.http_status, 404);
    assert_null(strstr(sent_bytes(*state, &response), "X-Accel-Redirect"));
}

static void a_header_value_with_a_line_end_is_left_out(void **state)
{
    const struct response response = {
        .answer = { .http_status = 405, .body = bytes_of("{}"), .allow = "GET\r\nX-Evil: 1" },
        .content_type = "application/json", .location = "/a\nb", .challenge = "Bearer\x7f",
    };

    assert_string_equal(sent_bytes(*state, &response),
                        "Status: 405 Method Not Allowed\r\nContent-Type: application/json\r\n"
                        "Content-Length: 2\r\n\r\n{}");
}

static void problems_of_overload_say_when_to_come_back(void **state)
{
    struct arena *arena = *state;
    struct problem *busy = problem_new(arena, PROBLEM_PROVIDER_BUSY, "busy");
    struct response response;

    fakes.problem = problem_new(arena, PROBLEM_DATABASE_UNAVAILABLE, "down");
    response = ask(arena, "GET", "/api/v1/orders");
    assert_non_null(strstr(sent_bytes(arena, &response), "\r\nRetry-After: 2\r\n"));
    busy->retry_after_s = 17;
    fakes.problem = busy;
    response = ask(arena, "GET", "/api/v1/orders");
    assert_non_null(strstr(sent_bytes(arena, &response), "\r\nRetry-After: 17\r\n"));
    fakes.problem = problem_new(arena, PROBLEM_NOT_FOUND, "nothing");
    response = ask(arena, "GET", "/api/v1/orders");
    assert_null(strstr(sent_bytes(arena, &response), "Retry-After"));
    assert_non_null(strstr(sent_bytes(arena, &response),
                           "\r\nContent-Type: application/problem+json\r\n"));
}

static void every_status_of_the_catalogue_has_a_phrase(void **state)
{
    for (enum problem_type type = 0; type < PROBLEM_TYPE_COUNT; type++) {
        struct ctx ctx = given_ctx(*state);
        const struct response response = {
            .answer = answer_problem(&ctx, problem_new(*state, type, "x")), .content_type = "x",
        };

        if (strstr(sent_bytes(*state, &response), " Other\r\n") != NULL)
            fail_msg("%d", response.answer.http_status);
    }
}

/* --- A connection that breaks -------------------------------------------------------------- */

static struct problem *lost_connection(struct arena *arena)
{
    struct problem *problem = problem_new(arena, PROBLEM_DATABASE_UNAVAILABLE, "lost");

    problem->repeatable = true;
    return problem;
}

static void a_read_is_repeated_once_when_the_connection_breaks_under_it(void **state)
{
    fakes.problem = lost_connection(*state);
    fakes.problem_count = 1;
    assert_int_equal(ask(*state, "GET", "/api/v1/orders/abc-123").answer.http_status, 200);
    assert_int_equal(fakes.calls, 2);
    assert_int_equal(fakes.repeats, 1);
}

static void a_read_is_not_repeated_more_than_once(void **state)
{
    fakes.problem = lost_connection(*state);
    assert_int_equal(ask(*state, "HEAD", "/api/v1/orders").answer.http_status, 503);
    assert_int_equal(fakes.calls, 2);
}

static void a_read_with_another_problem_is_not_repeated(void **state)
{
    fakes.problem = problem_new(*state, PROBLEM_NOT_FOUND, "nothing");
    assert_int_equal(ask(*state, "GET", "/api/v1/orders/abc-123").answer.http_status, 404);
    assert_int_equal(fakes.calls, 1);
}

static void a_command_is_never_repeated_from_outside(void **state)
{
    static const char *const commands[] = { "/api/v1/orders", "/api/v1/orders/abc-123/checkout",
                                            "/api/v1/webhooks/stripe" };

    for (int i = 0; i < 3; i++) {
        fakes.problem = lost_connection(*state);
        assert_int_equal(ask(*state, "POST", commands[i]).answer.http_status, 503);
        assert_int_equal(fakes.calls, i + 1);
        assert_int_equal(fakes.repeats, 0);
    }
}

/* --- Health -------------------------------------------------------------------------------- */

static void health_tells_of_database_and_providers(void **state)
{
    struct response response;

    fakes.health = (struct health) { .status = HEALTH_DEGRADED,
                                     .database = { HEALTH_OK, "", 3 },
                                     .jobs = { HEALTH_DEGRADED, "got nothing done", 2000 },
                                     .deliveries = { HEALTH_OK, "", 3000 },
                                     .provider_count = 1,
                                     .providers = { { "stripe", HEALTH_DEGRADED, "it does not answer",
                                                      { .circuit_open = true, .retry_after_s = 4,
                                                        .answered = 1, .failed = 12,
                                                        .answered_at_ms = 1000 } } } };
    response = ask(*state, "GET", "/health");
    assert_int_equal(response.answer.http_status, 200);
    assert_string_equal(response.answer.body.data,
                        "{\"status\":\"degraded\",\"database\":{\"status\":\"ok\",\"latencyMs\":3},"
                        "\"jobs\":{\"status\":\"degraded\",\"reason\":\"got nothing done\","
                        "\"lastRoundAt\":\"1970-01-01T00:00:02.000Z\"},"
                        "\"deliveries\":{\"status\":\"ok\",\"lastRoundAt\":\"1970-01-01T00:00:03.000Z\"},"
                        "\"providers\":{\"stripe\":{\"status\":\"degraded\","
                        "\"reason\":\"it does not answer\",\"answered\":1,\"failed\":12,"
                        "\"retryAfter\":4,\"lastAnswerAt\":\"1970-01-01T00:00:01.000Z\"}}}");
}

static void health_without_a_database_is_an_error_in_the_same_shape(void **state)
{
    struct response response;

    fakes.health = (struct health) { .status = HEALTH_ERROR, .database = { HEALTH_ERROR, "gone", 0 },
                                     .jobs = { HEALTH_DEGRADED, "unknown", 0 },
                                     .deliveries = { HEALTH_DEGRADED, "unknown", 0 } };
    response = ask(*state, "GET", "/health");
    assert_int_equal(response.answer.http_status, 503);
    assert_string_equal(response.content_type, "application/json");
    assert_string_equal(response.answer.body.data,
                        "{\"status\":\"error\",\"database\":{\"status\":\"error\",\"reason\":\"gone\"},"
                        "\"jobs\":{\"status\":\"degraded\",\"reason\":\"unknown\",\"lastRoundAt\":null},"
                        "\"deliveries\":{\"status\":\"degraded\",\"reason\":\"unknown\",\"lastRoundAt\":null},"
                        "\"providers\":{}}");
    fakes.problem = problem_new(*state, PROBLEM_DATABASE_UNAVAILABLE, "down");
    response = ask(*state, "GET", "/health/ready");
    assert_int_equal(response.answer.http_status, 503);
    assert_string_equal(response.answer.body.data, "{\"status\":\"error\"}");
    assert_non_null(strstr(sent_bytes(*state, &response), "\r\nRetry-After: 2\r\n"));
}

static void being_alive_touches_nothing(void **state)
{
    assert_int_equal(ask(*state, "GET", "/health/live").answer.http_status, 200);
    assert_int_equal(fakes.calls, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, forget_all)
    const struct CMUnitTest tests[] = {
        TEST(what_was_created_has_a_location),
        TEST(a_response_is_written_whole),
        TEST(a_replay_says_so),
        TEST(who_may_follow_a_payment_is_handed_over_by_nginx),
        TEST(a_header_value_with_a_line_end_is_left_out),
        TEST(problems_of_overload_say_when_to_come_back),
        TEST(every_status_of_the_catalogue_has_a_phrase),
        TEST(a_read_is_repeated_once_when_the_connection_breaks_under_it),
        TEST(a_read_is_not_repeated_more_than_once),
        TEST(a_read_with_another_problem_is_not_repeated),
        TEST(a_command_is_never_repeated_from_outside),
        TEST(health_tells_of_database_and_providers),
        TEST(health_without_a_database_is_an_error_in_the_same_shape),
        TEST(being_alive_touches_nothing),
    };

    return cmocka_run_group_tests_name("responses", tests, NULL, NULL);
}
