#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "infrastructure/http_client/scripted_server.h"
#include "infrastructure/providers/stripe_fixture.h"

static struct scripted_server *server;
static const struct provider *stripe;
static struct ctx *ctx;
static struct payment payment;
static struct order order;
static struct provider_request request;
static struct provider_reply reply;
static struct provider_outcome outcome;

static void given_stripe_at(const char *api_base)
{
    const struct provider_config settings = {
        .secret_keys = { { FIXTURE_SECRET_KEY }, 1 },
        .webhook_secrets = { { "whsec_canary" }, 1 },
        .base_url = api_base,
        .connect_timeout_ms = 300,
        .timeout_ms = 400,
    };

    stripe = given_stripe_with(settings);
}

static void given_a_written_checkout(void)
{
    const struct provider_checkout wanted = {
        .payment = &payment,
        .order = &order,
        .customer_email = "",
        .return_url = "https://shop.example/ok",
        .cancel_url = "https://shop.example/cancel",
        .proof = "0a1b2c3d.00112233445566778899aabbccddeeff",
    };

    payment = given_a_payment();
    order = given_an_order();
    assert_null(stripe->write_checkout(ctx, stripe, &wanted, &request));
}

static void given_a_server(const struct step *script)
{
    server_free(server);                        /* of the case before */
    ctx = given_a_ctx();
    server = server_start(script);
    given_stripe_at(server_url(server, "http"));
    given_a_written_checkout();
}

static int tear_down(void **state)
{
    (void) state;
    server_free(server);
    server = NULL;
    return 0;
}

static void call(void)
{
    stripe->call(ctx, stripe, &request, &reply);
    stripe->read_reply(ctx, stripe, &payment, &request, &reply, &outcome);
}

/* An answer with the recorded document as its body. */
static const char *answer_of(const char *status, const char *headers, const char *document)
{
    const struct bytes body = given_document(document);

    return given_text("HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers, body.size,
                      body.data).data;
}

static struct step *given_a_script_that_says(const char *answer)
{
    struct step *script = arena_alloc(given_a_ctx()->arena, 4 * sizeof(*script));

    script[0].kind = STEP_ACCEPT;
    script[1].kind = STEP_READ;
    script[2] = (struct step) { STEP_SAY, answer, 0 };
    return script;
}

/* --- What Stripe gets ---------------------------------------------------------------------- */

static void a_checkout_carries_the_headers_that_stripe_wants(void **state)
{
    const char *sent;
    (void) state;

    given_a_server(given_a_script_that_says(answer_of("200 OK", "", "session-open")));
    call();
    server_stop(server);

    sent = server_request(server, 0);
    assert_ptr_equal(strstr(sent, "POST /v1/checkout/sessions HTTP/1.1\r\n"), sent);
    assert_non_null(strstr(sent, "\r\nAuthorization: Bearer " FIXTURE_SECRET_KEY "\r\n"));
    assert_non_null(strstr(sent, "\r\nStripe-Version: 2026-10-28.endive\r\n"));
    assert_non_null(strstr(sent, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    assert_non_null(strstr(sent, "\r\nIdempotency-Key: " FIXTURE_PAYMENT_ID ":checkout:1\r\n"));
    assert_non_null(strstr(sent, "\r\nAccept: application/json\r\n"));
    assert_non_null(strstr(sent, "\r\nUser-Agent: payapi/"));
    assert_non_null(strstr(sent, "\r\n\r\nmode=payment&success_url="));
}

static void a_retrieve_carries_no_key_and_no_body(void **state)
{
    const char *sent;
    (void) state;

    given_a_server(given_a_script_that_says(answer_of("200 OK", "", "session-paid")));
    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "cs_test_a1B2c3");
    assert_null(stripe->write_retrieve(ctx, &payment, &request));
    call();
    server_stop(server);

    sent = server_request(server, 0);
    assert_ptr_equal(strstr(sent, "GET /v1/checkout/sessions/cs_test_a1B2c3"
                                  "?expand[0]=payment_intent HTTP/1.1\r\n"), sent);
    assert_null(strstr(sent, "Idempotency-Key"));
    assert_null(strstr(sent, "Content-"));
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_int_equal(outcome.payment.facts.captured_minor, 9999);
}

/* --- What we learn ------------------------------------------------------------------------- */

static void an_open_page_comes_back(void **state)
{
    (void) state;

    given_a_server(given_a_script_that_says(
        answer_of("200 OK", "Request-Id: req_9\r\n", "session-open")));
    call();
    server_stop(server);

    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_string_equal(outcome.payment.ref, "cs_test_a1B2c3");
    assert_int_equal(reply.http_status, 200);
    assert_string_equal(reply.request_id, "req_9");
    assert_int_equal(reply.should_retry, -1);
    assert_string_equal(reply.error, "");
}

static void what_stripe_says_of_repeating_comes_back(void **state)
{
    (void) state;

    given_a_server(given_a_script_that_says(answer_of(
        "429 Too Many Requests", "Stripe-Should-Retry: true\r\nRetry-After: 3\r\n",
        "error-api-key")));
    call();
    server_stop(server);

    assert_int_equal(reply.should_retry, 1);
    assert_int_equal(reply.retry_after_s, 3);
    assert_int_equal(outcome.verdict, VERDICT_NOT_EXECUTED);
    assert_int_equal(outcome.problem->retry_after_s, 3);
}

/* Dates count by our clock; a header that is no time, or in the past, is none. */
static void a_retry_after_counts_for_an_hour_at_most_and_the_caller_hears_of_a_minute(void **state)
{
    static const struct { const char *header; int believed_s, told_s; } cases[] = {
        { "60", 60, 60 }, { "61", 61, 60 }, { "3600", 3600, 60 }, { "3601", 3600, 60 },
        { "220838400", 3600, 60 }, { "2147483648", 3600, 60 },
        { "Fri, 31 Dec 2199 23:59:59 GMT", 3600, 60 }, { "Thu, 01 Jan 2015 00:00:00 GMT", 0, 2 },
        { "-5", 0, 2 }, { "soon", 0, 2 }, { "0", 0, 2 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char header[80];

        snprintf(header, sizeof(header), "Retry-After: %s\r\n", cases[i].header);
        given_a_server(given_a_script_that_says(answer_of("429 Too Many Requests", header,
                                                          "error-api-key")));
        call();
        server_stop(server);
        if (reply.retry_after_s != cases[i].believed_s)
            fail_msg("%s: %d", cases[i].header, reply.retry_after_s);
        assert_int_equal(outcome.problem->retry_after_s, cases[i].told_s);
    }
}

static void that_stripe_forbids_repeating_comes_back(void **state)
{
    (void) state;

    given_a_server(given_a_script_that_says(
        answer_of("500 Oops", "Stripe-Should-Retry: false\r\n", "error-api-key")));
    call();
    server_stop(server);

    assert_int_equal(reply.should_retry, 0);
    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
}

static void that_stripe_repeats_a_stored_answer_comes_back(void **state)
{
    static const struct { const char *headers; bool replayed; } cases[] = {
        { "Idempotent-Replayed: true\r\n", true }, { "Idempotent-Replayed: false\r\n", false }, { "", false },
    };
    (void) state;

    for (size_t i = 0; i < 3; i++) {
        given_a_server(given_a_script_that_says(answer_of("500 Oops", cases[i].headers, "error-api-key")));
        call();
        server_stop(server);
        assert_int_equal(reply.replayed, cases[i].replayed);
        assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
    }
}

static void a_lost_answer_leaves_the_outcome_unknown(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    call();
    server_stop(server);

    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
    assert_int_equal(reply.http_status, 0);
    assert_int_equal(server_request_count(server), 1);
}

static void a_cut_session_leaves_the_outcome_unknown(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 },
        { STEP_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"id\":\"cs_1\",", 0 },
        { STEP_CLOSE, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    call();
    server_stop(server);

    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
    assert_int_equal(reply.http_status, 0);
}

static void a_stripe_that_hangs_leaves_the_outcome_unknown(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_HANG, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    call();
    server_stop(server);

    assert_int_equal(outcome.verdict, VERDICT_UNKNOWN);
    assert_int_equal(outcome.problem->type, PROBLEM_PROVIDER_TIMEOUT);
    assert_true(reply.timed_out);
}

static void a_stripe_that_cannot_be_reached_was_asked_nothing(void **state)
{
    static const struct step script[] = { { STEP_END, 0, 0 } };
    (void) state;

    given_a_server(script);
    server_stop(server);
    call();

    assert_int_equal(outcome.verdict, VERDICT_NOT_EXECUTED);
    assert_int_equal(outcome.problem->type, PROBLEM_PROVIDER_UNAVAILABLE);
}

/* --- Processes ----------------------------------------------------------------------------- */

/* The master makes the provider and forks; each worker opens its own connection. */
static void workers_do_not_share_a_connection(void **state)
{
    const char *answer = answer_of("200 OK", "", "session-open");
    struct step *script = arena_alloc(given_a_ctx()->arena, 8 * sizeof(*script));
    int status;
    pid_t child;
    (void) state;

    memcpy(script, given_a_script_that_says(answer), 3 * sizeof(*script));
    memcpy(script + 3, given_a_script_that_says(answer), 3 * sizeof(*script));
    given_a_server(script);
    child = fork();
    if (child == 0) {
        call();
        _exit(outcome.verdict == VERDICT_DONE ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    call();
    server_stop(server);

    assert_int_equal(status, 0);
    assert_int_equal(outcome.verdict, VERDICT_DONE);
    assert_int_equal(server_connection_count(server), 2);
}

/* --- Secrets ------------------------------------------------------------------------------- */

static void assert_no_secret(const char *text)
{
    assert_null(strstr(text, "canary"));
}

static void restore(int target, int saved)
{
    dup2(saved, target);
    close(saved);
}

/* What the process wrote to standard output and error meanwhile. */
static const char *output_while_calling(void)
{
    FILE *file = tmpfile();
    char *written = arena_alloc(ctx->arena, 4096);
    const int saved_out = dup(STDOUT_FILENO), saved_err = dup(STDERR_FILENO);

    assert_non_null(file);
    fflush(NULL);
    dup2(fileno(file), STDOUT_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    call();
    fflush(NULL);
    restore(STDOUT_FILENO, saved_out);
    restore(STDERR_FILENO, saved_err);
    rewind(file);
    written[fread(written, 1, 4095, file)] = '\0';
    fclose(file);
    return written;
}

static void no_secret_comes_out_of_a_failed_call(void **state)
{
    const char *output;
    (void) state;

    given_a_server(given_a_script_that_says(answer_of("401 No", "", "error-api-key")));
    output = output_while_calling();
    server_stop(server);

    assert_string_equal(output, "");
    assert_int_equal(outcome.verdict, VERDICT_MISCONFIGURED);
    assert_no_secret(outcome.problem->detail);
    assert_no_secret(outcome.problem->cause);
    assert_no_secret(reply.error);
    assert_no_secret(reply.request_id);
    assert_no_secret(request.path);
    assert_no_secret(request.body.data);
}

static void no_secret_comes_out_of_a_lost_call(void **state)
{
    static const struct step script[] = {
        { STEP_ACCEPT, 0, 0 }, { STEP_READ, 0, 0 }, { STEP_RESET, 0, 0 }, { STEP_END, 0, 0 },
    };
    (void) state;

    given_a_server(script);
    assert_string_equal(output_while_calling(), "");
    server_stop(server);

    assert_no_secret(outcome.problem->cause);
    assert_no_secret(reply.error);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_reset, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_checkout_carries_the_headers_that_stripe_wants),
        CASE(a_retrieve_carries_no_key_and_no_body),
        CASE(an_open_page_comes_back),
        CASE(what_stripe_says_of_repeating_comes_back),
        CASE(a_retry_after_counts_for_an_hour_at_most_and_the_caller_hears_of_a_minute),
        CASE(that_stripe_forbids_repeating_comes_back),
        CASE(that_stripe_repeats_a_stored_answer_comes_back),
        CASE(a_lost_answer_leaves_the_outcome_unknown),
        CASE(a_cut_session_leaves_the_outcome_unknown),
        CASE(a_stripe_that_hangs_leaves_the_outcome_unknown),
        CASE(a_stripe_that_cannot_be_reached_was_asked_nothing),
        CASE(workers_do_not_share_a_connection),
        CASE(no_secret_comes_out_of_a_failed_call),
        CASE(no_secret_comes_out_of_a_lost_call),
    };

    return cmocka_run_group_tests_name("stripe_calls", tests, fixture_set_up, fixture_tear_down);
}
