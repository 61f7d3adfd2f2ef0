#define _GNU_SOURCE               /* memmem */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "infrastructure/http_client/http_client.h"
#include "infrastructure/http_client/scripted_server.h"

#define SECRET "Bearer sk_test_canary"
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
#define PATIENT_MS 20000

static struct arena *arena;
static struct scripted_server *server;
static struct http_client *client;
static struct http_reply reply;
static int cleansed_secrets;

/* Sees what is wiped before it is. */
void __real_OPENSSL_cleanse(void *bytes, size_t size);
void __wrap_OPENSSL_cleanse(void *bytes, size_t size);

void __wrap_OPENSSL_cleanse(void *bytes, size_t size)
{
    if (memmem(bytes, size, SECRET, strlen(SECRET)) != NULL)
        cleansed_secrets++;
    __real_OPENSSL_cleanse(bytes, size);
}

static void given_a_client_of(const char *url, int timeout_ms)
{
    const struct http_client_settings settings = { .base_url = url,
                                                   .connect_timeout_ms = timeout_ms,
                                                   .timeout_ms = timeout_ms };

    client = http_client_new(&settings);
    assert_non_null(client);
}

static void given_a_server(const struct step *script)
{
    server = server_start(script);
    given_a_client_of(server_url(server, "http"), PATIENT_MS);
}

static void given_a_server_and_an_impatient_client(const struct step *script)
{
    server = server_start(script);
    given_a_client_of(server_url(server, "http"), 400);
}

static int set_up(void **state)
{
    (void) state;
    arena = arena_new();
    server = NULL;
    client = NULL;
    cleansed_secrets = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    http_client_free(client);
    server_free(server);
    arena_free(arena);
    return 0;
}

static void get(const char *path)
{
    const struct http_request request = { .method = "GET", .path = path };

    http_client_call(client, arena, &request, &reply);
}

static void post(const char *body)
{
    const struct http_request request = {
        .method = "POST",
        .path = "/v1/things",
        .headers = { { "Authorization", SECRET }, { "Idempotency-Key", "pay_1:checkout:1" } },
        .header_count = 2,
        .body = bytes_of(body),
        .asked = { "Request-Id", "Stripe-Should-Retry" },
    };

    http_client_call(client, arena, &request, &reply);
}

static void assert_whole(int status, const char *body)
{
    assert_true(reply.complete);
    assert_true(reply.sent);
    assert_false(reply.timed_out);
    assert_int_equal(reply.status, status);
    assert_int_equal(reply.body.size, strlen(body));
    assert_memory_equal(reply.body.data, body, reply.body.size);
    assert_string_equal(reply.error, "");
}

static void assert_unknown(void)
{
    assert_true(reply.sent);
    assert_false(reply.complete);
    assert_string_not_equal(reply.error, "");
}

/* --- Answers ------------------------------------------------------------------------------- */

static void a_get_brings_status_and_body(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    get("/v1/things?a=b");
    server_stop(server);

    assert_whole(200, "{}");
    assert_ptr_equal(strstr(server_request(server, 0), "GET /v1/things?a=b HTTP/1.1\r\n"),
                     server_request(server, 0));
}

static void a_post_carries_its_headers_and_its_body(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_END, 0, 0 },
    };
    const char *request;
    (void) state;

    given_a_server(script);
    post("a=1&b=2");
    server_stop(server);

    request = server_request(server, 0);
    assert_whole(200, "{}");
    assert_non_null(strstr(request, "POST /v1/things HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "\r\nAuthorization: " SECRET "\r\n"));
    assert_non_null(strstr(request, "\r\nIdempotency-Key: pay_1:checkout:1\r\n"));
    assert_non_null(strstr(request, "\r\nContent-Length: 7\r\n"));
    assert_non_null(strstr(request, "\r\n\r\na=1&b=2"));
}

static void the_headers_asked_for_come_back(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 429 Too Many\r\nrequest-id:  req_1 \r\nStripe-Should-Retry: true\r\n"
                    "Retry-After: 7\r\nContent-Length: 0\r\n\r\n", 0 },
        { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_whole(429, "");
    assert_string_equal(reply.asked[0], "req_1");
    assert_string_equal(reply.asked[1], "true");
    assert_int_equal(reply.retry_after_s, 7);
}

static void headers_that_are_absent_are_empty(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_string_equal(reply.asked[0], "");
    assert_string_equal(reply.asked[1], "");
    assert_int_equal(reply.retry_after_s, 0);
}

static void an_interim_answer_is_not_the_answer(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 100 Continue\r\n\r\n" ANSWER, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_whole(200, "{}");
}

static void an_interim_answer_alone_is_no_answer(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le", 0 },
        { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_int_equal(reply.status, 0);
}

static void a_redirect_is_an_answer_and_not_an_order(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 307 Elsewhere\r\nLocation: /evil\r\nContent-Length: 0\r\n\r\n", 0 },
        { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_whole(307, "");
    assert_int_equal(server_request_count(server), 1);
}

/* --- One connection, no repetition --------------------------------------------------------- */

static void the_connection_is_kept_for_the_next_call(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 },
        { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    assert_whole(200, "{}");
    get("/v1/things");
    server_stop(server);

    assert_whole(200, "{}");
    assert_int_equal(server_connection_count(server), 1);
    assert_int_equal(server_request_count(server), 2);
    assert_null(strstr(server_request(server, 1), "Idempotency-Key"));
}

/* On a kept connection, which ends this way instead of with an answer: libcurl would send it again. */
static void assert_post_arrives_once(const char *body, enum step_kind end)
{
    const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 },
        { STEP_READ, 0, 0 }, { end, 0, 0 }, { STEP_END, 0, 0 },
    };

    given_a_server(script);
    get("/v1/things");
    post(body);
    server_stop(server);

    assert_unknown();
    assert_int_equal(server_request_count(server), 2);
}

static void a_post_on_a_connection_closed_unanswered_arrives_once(void **state)
{
    (void) state;
    assert_post_arrives_once("a=1", STEP_CLOSE);
    assert_non_null(strstr(reply.error, "curl 42"));
}

static void a_post_on_a_connection_reset_unanswered_arrives_once(void **state)
{
    (void) state;
    assert_post_arrives_once("a=1", STEP_RESET);
}

static void a_post_without_a_body_is_not_repeated_either(void **state)
{
    (void) state;
    assert_post_arrives_once("", STEP_CLOSE);
}

/* libcurl says of its second try: could not connect. The first one was sent all the same. */
static void a_post_on_the_last_connection_of_a_server_is_unknown(void **state)
{
    (void) state;
    assert_post_arrives_once("a=1", STEP_LEAVE);
    assert_non_null(strstr(reply.error, "curl 7:"));
}

static void a_get_on_a_connection_closed_unanswered_is_asked_again(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_READ, 0, 0 }, { STEP_CLOSE, 0, 0 },
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    get("/v1/things");
    server_stop(server);

    assert_whole(200, "{}");
    assert_int_equal(server_request_count(server), 3);
}

static void a_kept_connection_that_was_closed_meanwhile_is_replaced(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_CLOSE, 0, 0 },
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_END, 0, 0 },
    };
    struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };
    (void) state;

    given_a_server(script);
    get("/v1/things");
    nanosleep(&moment, NULL);
    post("a=1");
    server_stop(server);

    assert_whole(200, "{}");
    assert_int_equal(server_request_count(server), 2);
}

/* --- Answers that are none ----------------------------------------------------------------- */

static void an_answer_cut_inside_its_headers_is_incomplete(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", 0 },
        { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_int_equal(reply.status, 0);
    assert_int_equal(server_request_count(server), 1);
}

static void an_answer_cut_inside_its_body_is_incomplete(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":", 0 },
        { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
}

static void a_chunked_answer_without_its_end_is_incomplete(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", 0 },
        { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
}

static void no_answer_at_all_is_unknown(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_int_equal(server_request_count(server), 1);
}

static void a_reset_after_sending_is_unknown(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_RESET, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_int_equal(server_request_count(server), 1);
}

static void a_server_that_hangs_is_left_after_the_time_out(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_HANG, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server_and_an_impatient_client(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_true(reply.timed_out);
    assert_in_range(reply.duration_ms, 350, PATIENT_MS);
}

static void a_server_that_dribbles_is_left_after_the_time_out(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_DRIBBLE, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server_and_an_impatient_client(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_true(reply.timed_out);
}

static void bytes_that_are_no_http_are_unknown(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, "{\"id\":\"cs_1\"}\r\n\r\n", 0 },
        { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_int_equal(reply.status, 0);
}

/* --- Limits -------------------------------------------------------------------------------- */

static char *kibibyte(void)
{
    char *block = arena_alloc(arena, 1025);

    memset(block, 'x', 1024);
    return block;
}

static void given_a_server_with_a_body_of(int kibibytes, const char *rest)
{
    struct step *script = arena_alloc(arena, 8 * sizeof(*script));

    script[0] = (struct step) { STEP_ACCEPT, 0, 0 };
    script[1] = (struct step) { STEP_READ, 0, 0 };
    script[2] = (struct step) { STEP_SAY, arena_printf(arena,
        "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
        (size_t) kibibytes * 1024 + strlen(rest)), 0 };
    script[3] = (struct step) { STEP_FLOOD, kibibyte(), kibibytes };
    script[4] = (struct step) { STEP_SAY, rest, 0 };
    given_a_server(script);
}

static void a_body_of_four_mebibytes_is_taken(void **state)
{
    (void) state;

    given_a_server_with_a_body_of(HTTP_BODY_BYTES_MAX / 1024, "");
    post("a=1");
    server_stop(server);

    assert_true(reply.complete);
    assert_int_equal(reply.body.size, HTTP_BODY_BYTES_MAX);
}

static void a_body_one_byte_longer_is_not(void **state)
{
    (void) state;

    given_a_server_with_a_body_of(HTTP_BODY_BYTES_MAX / 1024, "x");
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_in_range(reply.body.size, 0, HTTP_BODY_BYTES_MAX);
}

static void a_body_of_ten_mebibytes_is_stopped(void **state)
{
    (void) state;

    given_a_server_with_a_body_of(10 * 1024, "");
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_string_equal(reply.error, "the answer is larger than we take");
    assert_in_range(reply.body.size, 0, HTTP_BODY_BYTES_MAX);
    assert_in_range(arena_footprint_bytes(arena), 0, 5 * HTTP_BODY_BYTES_MAX);
}

static void headers_without_end_are_stopped(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, "HTTP/1.1 200 OK\r\n", 0 },
        { STEP_FLOOD, "X-More: and more and more and more and more\r\n", 20000 },
        { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_unknown();
    assert_string_equal(reply.error, "the answer is larger than we take");
    assert_int_equal(reply.status, 0);
}

/* It would be written into the audit log, which takes text alone. */
static void an_asked_header_that_is_no_text_counts_as_absent(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 200 OK\r\nRequest-Id: req_\xff\xfe\r\nStripe-Should-Retry: tr\033ue\r\n"
                    "Content-Length: 0\r\n\r\n", 0 },
        { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_whole(200, "");
    assert_string_equal(reply.asked[0], "");
    assert_string_equal(reply.asked[1], "");
}

static void an_asked_header_that_is_too_long_counts_as_absent(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 200 OK\r\nRequest-Id: ", 0 }, { STEP_FLOOD, "0123456789", 30 },
        { STEP_SAY, "\r\nContent-Length: 0\r\n\r\n", 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_whole(200, "");
    assert_string_equal(reply.asked[0], "");
}

/* --- Not sent ------------------------------------------------------------------------------ */

static void assert_not_sent(void)
{
    assert_false(reply.sent);
    assert_false(reply.complete);
    assert_int_equal(reply.status, 0);
    assert_string_not_equal(reply.error, "");
}

static void a_refused_connection_has_sent_nothing(void **state)
{
    static const struct step script[] = { { STEP_END, 0, 0 } };
    (void) state;

    given_a_server(script);
    server_stop(server);
    post("a=1");

    assert_not_sent();
    assert_false(reply.timed_out);
}

static void a_server_that_does_not_speak_tls_was_sent_nothing(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    server = server_start(script);
    given_a_client_of(server_url(server, "https"), PATIENT_MS);
    post("a=1");
    server_stop(server);

    assert_not_sent();
    assert_int_equal(server_request_count(server), 0);
}

static void the_proxy_of_the_environment_is_not_used(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_SAY, ANSWER, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    given_a_server(script);
    post("a=1");
    server_stop(server);
    unsetenv("http_proxy");
    unsetenv("all_proxy");

    assert_whole(200, "{}");
}

/* --- Secrets ------------------------------------------------------------------------------- */

static void a_secret_header_is_wiped_after_the_call(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_RESET, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    post("a=1");
    server_stop(server);

    assert_int_equal(cleansed_secrets, 1);
    assert_null(strstr(reply.error, "sk_test"));
}

/* --- Addresses ----------------------------------------------------------------------------- */

static bool is_allowed(const char *url)
{
    const struct http_client_settings settings = { .base_url = url };
    struct http_client *made = http_client_new(&settings);

    http_client_free(made);
    return made != NULL;
}

static void https_is_allowed_everywhere(void **state)
{
    (void) state;

    assert_true(is_allowed("https://api.stripe.com"));
    assert_true(is_allowed("https://api.stripe.com/"));
    assert_true(is_allowed("https://10.0.0.1:8443/stripe"));
    assert_true(is_allowed("HTTPS://api.stripe.com"));
}

static void http_is_allowed_to_a_loopback_address(void **state)
{
    (void) state;

    assert_true(is_allowed("http://127.0.0.1:12111"));
    assert_true(is_allowed("http://127.255.3.4"));
    assert_true(is_allowed("http://[::1]:12111/"));
    assert_true(is_allowed("http://2130706433"));
    assert_true(is_allowed("http://0x7f.1"));
}

static void every_other_address_is_refused(void **state)
{
    static const char *const refused[] = {
        "http://api.stripe.com", "http://128.0.0.1", "http://126.255.255.255", "http://0.0.0.0",
        "http://localhost", "http://127.0.0.1.example.com", "http://[::ffff:127.0.0.1]",
        "http://[::2]", "http://169.254.169.254", "ftp://127.0.0.1", "file:///etc/passwd",
        "http://user@127.0.0.1", "https://user:pass@api.stripe.com", "https://api.stripe.com?x=1",
        "https://api.stripe.com#x", "api.stripe.com", "", "https://",
        "http://127.0.0.1@evil.example",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_false(is_allowed(refused[i]));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_get_brings_status_and_body),
        CASE(a_post_carries_its_headers_and_its_body),
        CASE(the_headers_asked_for_come_back),
        CASE(headers_that_are_absent_are_empty),
        CASE(an_interim_answer_is_not_the_answer),
        CASE(an_interim_answer_alone_is_no_answer),
        CASE(a_redirect_is_an_answer_and_not_an_order),
        CASE(the_connection_is_kept_for_the_next_call),
        CASE(a_post_on_a_connection_closed_unanswered_arrives_once),
        CASE(a_post_on_a_connection_reset_unanswered_arrives_once),
        CASE(a_post_on_the_last_connection_of_a_server_is_unknown),
        CASE(a_get_on_a_connection_closed_unanswered_is_asked_again),
        CASE(a_post_without_a_body_is_not_repeated_either),
        CASE(a_kept_connection_that_was_closed_meanwhile_is_replaced),
        CASE(an_answer_cut_inside_its_headers_is_incomplete),
        CASE(an_answer_cut_inside_its_body_is_incomplete),
        CASE(a_chunked_answer_without_its_end_is_incomplete),
        CASE(no_answer_at_all_is_unknown),
        CASE(a_reset_after_sending_is_unknown),
        CASE(a_server_that_hangs_is_left_after_the_time_out),
        CASE(a_server_that_dribbles_is_left_after_the_time_out),
        CASE(bytes_that_are_no_http_are_unknown),
        CASE(a_body_of_four_mebibytes_is_taken),
        CASE(a_body_one_byte_longer_is_not),
        CASE(a_body_of_ten_mebibytes_is_stopped),
        CASE(headers_without_end_are_stopped),
        CASE(an_asked_header_that_is_too_long_counts_as_absent),
        CASE(an_asked_header_that_is_no_text_counts_as_absent),
        CASE(a_refused_connection_has_sent_nothing),
        CASE(a_server_that_does_not_speak_tls_was_sent_nothing),
        CASE(the_proxy_of_the_environment_is_not_used),
        CASE(a_secret_header_is_wiped_after_the_call),
        CASE(https_is_allowed_everywhere),
        CASE(http_is_allowed_to_a_loopback_address),
        CASE(every_other_address_is_refused),
    };

    return cmocka_run_group_tests_name("http_client", tests, NULL, NULL);
}
