/* What is sent, what of an answer is kept, and that nobody holds the others up. */
#include "infrastructure/webhooks_out/sender.h"

#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "../http_client/scripted_server.h"
#include "infrastructure/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define MASTER     "a master secret of forty bytes, for tests"
#define LOOK_UP_S  (SENDER_TOTAL_MS / 1000 + 5)
#define PATIENCE_MS 60000

static struct arena *arena;
static struct sender *sender;

/* libcurl's threads come here. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    (void) name, (void) service, (void) hints, (void) found;
    sleep(LOOK_UP_S);
    return EAI_AGAIN;
}

static int set_up(void **state)
{
    (void) state;
    arena = arena_new();
    sender = sender_new(inner_networks_new(arena, "127.0.0.1"), webhook_secrets_new(arena, MASTER));
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    sender_free(sender);
    arena_free(arena);
    return 0;
}

static void send_to(const char *url)
{
    const struct due_delivery due = {
        .id = { "del_01HZX3V9QK7T2W9XH4VBN1RCDE" },
        .endpoint_id = { "wep_01HZX3V9QK7T2W9XH4VBN1RCDE" },
        .url = url, .generation = 1, .signs_from = 1, .attempt = 3, .tries_before = 1,
        .event_id = "evt_01HZX3V9QK7T2W9XH4VBN1RCDE", .event_type = "payment.completed",
        .event_at_ms = 1795393860123, .seq = 7, .payload = "{\"id\":\"pay_1\"}", .trace_id = "t",
    };

    sender_send(sender, &due, clock_now_ms());
}

/* Runs until so many have ended; tells the longest time that one look took. */
static int64_t run_until_ended(int count, const struct sent *ended_out[SENDER_IN_FLIGHT_MAX])
{
    int64_t give_up_ms = clock_monotonic_ms() + PATIENCE_MS, longest_ms = 0;

    while (sender_ended(sender, ended_out) < count) {
        int64_t began_ms = clock_monotonic_ms();

        assert_true(began_ms < give_up_ms);
        sender_run(sender, 100);
        if (clock_monotonic_ms() - began_ms > longest_ms)
            longest_ms = clock_monotonic_ms() - began_ms;
    }
    return longest_ms;
}

static const struct sent *send_one(const char *url)
{
    const struct sent *ended[SENDER_IN_FLIGHT_MAX];

    send_to(url);
    run_until_ended(1, ended);
    return ended[0];
}

static void what_is_sent_is_the_event_with_the_standard_headers(void **state)
{
    static const struct step script[] = {
        { .kind = STEP_ACCEPT }, { .kind = STEP_READ },
        { .kind = STEP_SAY, .text =
          "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n" },
        { .kind = STEP_CLOSE }, { .kind = STEP_END },
    };
    struct scripted_server *server = server_start(script);
    const struct sent *sent = send_one(server_url(server, "http"));
    const char *request;

    (void) state;
    server_stop(server);
    request = server_request(server, 0);
    assert_string_equal(sent->result.error, "");
    assert_int_equal(sent->result.http_status, 204);
    assert_int_equal(sent->result.attempt, 3);
    assert_int_equal(sent->place, 2);
    assert_int_equal(sent->retry_after_s, -1);
    assert_non_null(strstr(request, "POST / HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "webhook-id: evt_01HZX3V9QK7T2W9XH4VBN1RCDE\r\n"));
    assert_non_null(strstr(request, "webhook-signature: v1,"));
    assert_non_null(strstr(request, "Content-Type: application/json\r\n"));
    assert_null(strstr(request, "Expect:"));
    assert_non_null(strstr(request, "{\"id\":\"evt_01HZX3V9QK7T2W9XH4VBN1RCDE\","
                                    "\"type\":\"payment.completed\","
                                    "\"createdAt\":\"2026-11-23T00:31:00.123Z\",\"sequence\":7,"
                                    "\"data\":{\"id\":\"pay_1\"}}"));
    server_free(server);
}

static void the_beginning_of_an_answer_is_kept(void **state)
{
    static const struct step script[] = {
        { .kind = STEP_ACCEPT }, { .kind = STEP_READ },
        { .kind = STEP_SAY, .text =
          "HTTP/1.1 503 Busy\r\nRetry-After: 90\r\n\r\n" },
        { .kind = STEP_FLOOD, .text = "0123456789", .count = 100000 },
        { .kind = STEP_CLOSE }, { .kind = STEP_END },
    };
    struct scripted_server *server = server_start(script);
    const struct sent *sent = send_one(server_url(server, "http"));

    (void) state;
    assert_int_equal(sent->result.http_status, 503);
    assert_string_equal(sent->result.error, "http_status");
    assert_int_equal(sent->retry_after_s, 90);
    assert_int_equal(strlen(sent->result.answer), 4096);
    server_stop(server);
    server_free(server);
}

static void a_redirect_is_not_followed(void **state)
{
    static const struct step script[] = {
        { .kind = STEP_ACCEPT }, { .kind = STEP_READ },
        { .kind = STEP_SAY, .text =
          "HTTP/1.1 307 There\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n" },
        { .kind = STEP_CLOSE }, { .kind = STEP_END },
    };
    struct scripted_server *server = server_start(script);
    const struct sent *sent = send_one(server_url(server, "http"));

    (void) state;
    server_stop(server);
    assert_string_equal(sent->result.error, "redirect");
    assert_int_equal(server_connection_count(server), 1);
    server_free(server);
}

static void an_inner_address_is_not_dialled(void **state)
{
    static const char *const urls[] = { "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/",
                                        "http://127.0.0.2/", "https://[::1]/" };

    (void) state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_string_equal(send_one(urls[i])->result.error, "forbidden_address");
        sender_release(sender);
    }
    assert_int_equal(sender_room(sender), SENDER_IN_FLIGHT_MAX);
}

/* libcurl would wait for the look-up's thread, with all other transfers. */
static void a_look_up_that_never_ends_holds_no_other_up(void **state)
{
    static const struct step script[] = {
        { .kind = STEP_ACCEPT }, { .kind = STEP_READ },
        { .kind = STEP_SAY, .text =
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }, { .kind = STEP_CLOSE },
        { .kind = STEP_END },
    };
    struct scripted_server *server = server_start(script);
    const struct sent *ended[SENDER_IN_FLIGHT_MAX];
    int64_t longest_ms;

    (void) state;
    send_to("https://stuck.example/");
    send_to(server_url(server, "http"));
    longest_ms = run_until_ended(2, ended);
    assert_string_equal(ended[0]->result.error, "");
    assert_string_equal(ended[1]->result.error, "timeout");
    assert_true(longest_ms < SENDER_TOTAL_MS / 2);
    server_stop(server);
    server_free(server);
}

static void what_is_under_way_is_broken_off_at_the_end(void **state)
{
    static const struct step script[] = {
        { .kind = STEP_ACCEPT }, { .kind = STEP_HANG }, { .kind = STEP_END },
    };
    struct scripted_server *server = server_start(script);

    (void) state;
    send_to(server_url(server, "http"));
    sender_run(sender, 100);
    assert_int_equal(sender_under_way(sender), 1);
    sender_free(sender);
    server_stop(server);
    server_free(server);
    sender = sender_new(inner_networks_new(arena, ""), webhook_secrets_new(arena, MASTER));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_sent_is_the_event_with_the_standard_headers),
        TEST(the_beginning_of_an_answer_is_kept),
        TEST(a_redirect_is_not_followed),
        TEST(an_inner_address_is_not_dialled),
        TEST(a_look_up_that_never_ends_holds_no_other_up),
        TEST(what_is_under_way_is_broken_off_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
