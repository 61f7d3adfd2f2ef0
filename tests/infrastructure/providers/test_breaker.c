/* breaker: when the circuit of a provider opens, who may try it, and that all processes know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "infrastructure/providers/breaker.h"

#define NOW      INT64_C(1760000000000)
#define FAILURES 10

static void note(struct breaker_slot *slot, int answers, int failures, int64_t now_ms)
{
    for (int i = 0; i < answers; i++)
        breaker_note(slot, FAILURES, BREAKER_ANSWERED, now_ms);
    for (int i = 0; i < failures; i++)
        breaker_note(slot, FAILURES, 503, now_ms);
}

static bool opens_after(int answers, int failures)
{
    struct breaker_slot slot = { 0 };

    note(&slot, answers, failures, NOW);
    return breaker_health(&slot, NOW).circuit_open;
}

static void ten_failures_in_a_minute_open_the_circuit(void **state)
{
    struct breaker_slot slot = { 0 };
    (void) state;

    assert_false(opens_after(0, 9));
    assert_true(opens_after(0, 10));
    for (int i = 0; i < 30; i++)                /* one in ten seconds is seldom */
        note(&slot, 0, 1, NOW + i * BREAKER_BUCKET_MS);
    assert_false(breaker_health(&slot, NOW).circuit_open);
}

static void a_provider_that_mostly_answers_is_called(void **state)
{
    (void) state;

    assert_false(opens_after(11, 10));
    assert_true(opens_after(10, 10));
    assert_true(opens_after(100, 100));
}

static void with_zero_failures_it_never_opens(void **state)
{
    struct breaker_slot slot = { 0 };
    (void) state;

    for (int i = 0; i < 1000; i++)
        breaker_note(&slot, 0, 503, NOW);
    assert_true(breaker_claim(&slot, NOW));
}

static void an_open_circuit_refuses_until_its_wait_is_over(void **state)
{
    struct breaker_slot slot = { 0 };
    (void) state;

    note(&slot, 0, FAILURES, NOW);
    assert_false(breaker_claim(&slot, NOW));
    assert_false(breaker_claim(&slot, NOW + BREAKER_WAIT_MS - 1));
    assert_int_equal(breaker_health(&slot, NOW).retry_after_s, BREAKER_WAIT_MS / 1000);
    assert_int_equal(breaker_health(&slot, NOW + BREAKER_WAIT_MS - 1).retry_after_s, 1);
    assert_int_equal(breaker_health(&slot, NOW + BREAKER_WAIT_MS).retry_after_s, 0);
}

static void one_call_goes_to_see(void **state)
{
    struct breaker_slot slot = { 0 };
    int64_t due_ms = NOW + BREAKER_WAIT_MS;
    (void) state;

    note(&slot, 0, FAILURES, NOW);
    assert_true(breaker_claim(&slot, due_ms));
    assert_false(breaker_claim(&slot, due_ms));
    assert_false(breaker_claim(&slot, due_ms + BREAKER_LEASE_MS - 1));
    assert_true(breaker_claim(&slot, due_ms + BREAKER_LEASE_MS));       /* its caller died */
}

static void an_answer_closes_it_and_forgets_the_failures(void **state)
{
    struct breaker_slot slot = { 0 };
    (void) state;

    note(&slot, 0, FAILURES, NOW);
    assert_true(breaker_claim(&slot, NOW + BREAKER_WAIT_MS));
    note(&slot, 1, 0, NOW + BREAKER_WAIT_MS);
    assert_true(breaker_claim(&slot, NOW + BREAKER_WAIT_MS));
    note(&slot, 0, FAILURES - 1, NOW + BREAKER_WAIT_MS);
    assert_true(breaker_claim(&slot, NOW + BREAKER_WAIT_MS));
}

static void each_failed_try_doubles_the_wait_up_to_its_limit(void **state)
{
    static const int waits_s[] = { 5, 10, 20, 20 };
    struct breaker_slot slot = { 0 };
    int64_t now_ms = NOW;
    (void) state;

    note(&slot, 0, FAILURES, now_ms);
    for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
        assert_int_equal(breaker_health(&slot, now_ms).retry_after_s, waits_s[i]);
        now_ms += waits_s[i] * 1000;
        assert_true(breaker_claim(&slot, now_ms));
        note(&slot, 0, 1, now_ms);
    }
}

static void a_clock_that_was_set_back_does_not_keep_it_open(void **state)
{
    struct breaker_slot slot = { 0 };
    (void) state;

    note(&slot, 0, FAILURES, NOW);
    assert_true(breaker_claim(&slot, NOW - 3600000));
}

/* --- Failing, and back ---------------------------------------------------------------------- */

static void the_last_call_tells_whether_it_fails_and_with_what(void **state)
{
    struct breaker_slot slot = { 0 };
    (void) state;

    assert_false(breaker_health(&slot, NOW).failing);
    breaker_note(&slot, FAILURES, 401, NOW);
    assert_true(breaker_health(&slot, NOW).failing);
    assert_int_equal(breaker_health(&slot, NOW).failed_status, 401);
    breaker_note(&slot, FAILURES, 0, NOW);
    assert_int_equal(breaker_health(&slot, NOW).failed_status, 0);
    breaker_note(&slot, FAILURES, BREAKER_ANSWERED, NOW);
    assert_false(breaker_health(&slot, NOW).failing);
}

static int64_t back_after(int circuit, int failures)
{
    struct breaker_slot slot = { 0 };

    for (int i = 0; i < failures; i++)
        breaker_note(&slot, circuit, 503, NOW);
    breaker_note(&slot, circuit, BREAKER_ANSWERED, NOW + 1);
    return breaker_health(&slot, NOW + 1).back_at_ms;
}

/* A lost answer now and then is no outage; what waits keeps its back-off. */
static void an_answer_after_a_row_of_failures_means_that_it_is_back(void **state)
{
    (void) state;

    assert_int_equal(back_after(FAILURES, 0), 0);
    assert_int_equal(back_after(FAILURES, BREAKER_AWAY_AFTER - 1), 0);
    assert_int_equal(back_after(FAILURES, BREAKER_AWAY_AFTER), NOW + 1);
    assert_int_equal(back_after(1, 1), NOW + 1);                /* its circuit was open */
    assert_int_equal(back_after(0, FAILURES), 0);
}

/* --- Around a provider --------------------------------------------------------------------- */

static struct provider_reply scripted;
static int                   calls;

static void scripted_call(struct ctx *ctx, const struct provider *provider,
                          const struct provider_request *request, struct provider_reply *reply_out)
{
    (void) ctx;
    (void) provider;
    (void) request;
    calls++;
    *reply_out = scripted;
}

static struct provider_reply call_guarded(struct provider *provider, struct provider_reply reply)
{
    struct ctx ctx = { .trace_id = "" };
    struct provider_request request = { .operation = OP_PROBE, .method = "GET" };
    struct provider_reply got;

    scripted = reply;
    provider->call(&ctx, provider, &request, &got);
    return got;
}

static const char *a_file(void)
{
    static char path[] = "/tmp/payapi-breaker-XXXXXX";
    char *made = strcpy(path, "/tmp/payapi-breaker-XXXXXX");
    int fd = mkstemp(made);

    assert_true(fd >= 0);
    close(fd);
    return made;
}

static void only_no_answer_5xx_and_a_refused_key_are_failures(void **state)
{
    static const struct { struct provider_reply reply; int answered, failed; } cases[] = {
        { { .http_status = 200, .complete = true, .sent = true }, 1, 0 },
        { { .http_status = 402, .complete = true, .sent = true }, 1, 0 },
        { { .http_status = 409, .complete = true, .sent = true }, 1, 0 },
        { { .http_status = 429, .complete = true, .sent = true }, 1, 0 },
        { { .http_status = 401, .complete = true, .sent = true }, 0, 1 },
        { { .http_status = 403, .complete = true, .sent = true }, 0, 1 },
        { { .http_status = 500, .complete = true, .sent = true }, 0, 1 },
        { { .http_status = 503, .complete = true, .sent = true }, 0, 1 },
        { { .http_status = 500, .complete = true, .sent = true, .replayed = true }, 0, 0 },
        { { .http_status = 500, .complete = false, .sent = true, .replayed = true }, 0, 1 },
        { { .http_status = 200, .complete = false, .sent = true }, 0, 1 },
        { { .http_status = 0, .complete = false, .sent = false }, 0, 1 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct provider provider = { .name = "stripe", .call = scripted_call };
        const char *complaint;

        breaker_guard(breaker_board_open("", &complaint), &provider, FAILURES);
        call_guarded(&provider, cases[i].reply);
        assert_int_equal(provider.read_health(&provider, PROVIDER_READS).failed, cases[i].failed);
        assert_int_equal(provider.read_health(&provider, PROVIDER_READS).answered, cases[i].answered);
        free(provider.breaker);
    }
}

/* During an outage the repeats of what it had failed must not pass for its return. */
static void a_stored_failure_closes_no_circuit_and_keeps_no_other_call_out(void **state)
{
    struct provider provider = { .name = "stripe", .call = scripted_call };
    struct breaker_board *board;
    struct breaker_slot *slot;
    const char *complaint;
    (void) state;

    board = breaker_board_open("", &complaint);
    slot = breaker_board_slot(board, "stripe", PROVIDER_READS);
    breaker_guard(board, &provider, FAILURES);
    for (int i = 0; i < FAILURES; i++)
        call_guarded(&provider, (struct provider_reply) { .http_status = 503, .complete = true });
    slot->open_until_ms = 1;                            /* its wait is over */
    call_guarded(&provider, (struct provider_reply) { .http_status = 503, .complete = true, .replayed = true });
    assert_true(provider.read_health(&provider, PROVIDER_READS).circuit_open);
    assert_int_equal(provider.read_health(&provider, PROVIDER_READS).retry_after_s, 0);
    call_guarded(&provider, (struct provider_reply) { .http_status = 200, .complete = true });
    assert_false(provider.read_health(&provider, PROVIDER_READS).circuit_open);
    free(provider.breaker);
}

static void a_call_through_an_open_circuit_is_not_sent(void **state)
{
    struct provider provider = { .name = "stripe", .call = scripted_call };
    struct provider_reply down = { .error = "connection refused", .request_id = "" };
    struct provider_reply got;
    const char *complaint;
    (void) state;

    breaker_guard(breaker_board_open("", &complaint), &provider, FAILURES);
    for (int i = 0; i < FAILURES; i++)
        call_guarded(&provider, down);
    calls = 0;
    got = call_guarded(&provider, down);

    assert_int_equal(calls, 0);
    assert_false(got.sent);
    assert_false(got.complete);
    assert_int_equal(got.http_status, 0);
    assert_in_range(got.retry_after_s, 1, BREAKER_WAIT_MS / 1000);
    assert_string_equal(got.request_id, "");
    free(provider.breaker);
}

/* Orders hang while questions are answered: the answers must not keep the orders' circuit closed. */
static void each_direction_has_a_circuit_of_its_own(void **state)
{
    struct provider provider = { .name = "stripe", .call = scripted_call };
    struct provider_request order = { .operation = OP_CHECKOUT, .method = "POST" };
    struct ctx ctx = { .trace_id = "" };
    struct provider_reply got;
    const char *complaint;
    (void) state;

    breaker_guard(breaker_board_open("", &complaint), &provider, FAILURES);
    for (int i = 0; i < FAILURES; i++) {
        call_guarded(&provider, (struct provider_reply) { .http_status = 200, .complete = true });
        call_guarded(&provider, (struct provider_reply) { .http_status = 200, .complete = true });
        scripted = (struct provider_reply) { .error = "timed out", .request_id = "", .sent = true };
        provider.call(&ctx, &provider, &order, &got);
    }
    assert_true(provider.read_health(&provider, PROVIDER_WRITES).circuit_open);
    assert_false(provider.read_health(&provider, PROVIDER_READS).circuit_open);
    call_guarded(&provider, (struct provider_reply) { .http_status = 200, .complete = true });
    assert_true(provider.read_health(&provider, PROVIDER_WRITES).circuit_open);
    calls = 0;
    provider.call(&ctx, &provider, &order, &got);
    assert_int_equal(calls, 0);
    free(provider.breaker);
}

/* A failing provider must not close the way to another one. */
static void each_provider_has_circuits_of_its_own(void **state)
{
    const char *complaint;
    struct breaker_board *board = breaker_board_open("", &complaint);
    (void) state;

    for (enum provider_id id = 0; id < PROVIDERS_MAX; id++)
        breaker_board_slot(board, provider_name(id), PROVIDER_READS)->open_until_ms = id + 1;
    for (enum provider_id id = 0; id < PROVIDERS_MAX; id++) {
        struct breaker_slot *reads = breaker_board_slot(board, provider_name(id), PROVIDER_READS);
        struct breaker_slot *writes = breaker_board_slot(board, provider_name(id), PROVIDER_WRITES);

        assert_int_equal(reads->open_until_ms, id + 1);
        assert_int_equal(writes->open_until_ms, 0);
    }
}

static void processes_that_name_one_file_share_what_they_know(void **state)
{
    const char *file = a_file(), *complaint;
    struct provider here = { .name = "paystack", .call = scripted_call };
    struct provider other = { .name = "stripe", .call = scripted_call };
    struct breaker_board *board = breaker_board_open(file, &complaint);
    pid_t child = fork();
    int status;
    (void) state;

    if (child == 0) {                   /* maps it anew: nothing is inherited */
        struct provider there = { .name = "paystack", .call = scripted_call };

        breaker_guard(breaker_board_open(file, &complaint), &there, FAILURES);
        for (int i = 0; i < FAILURES; i++)
            call_guarded(&there, (struct provider_reply) { .error = "", .request_id = "" });
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_null(complaint);
    breaker_guard(board, &here, FAILURES);
    breaker_guard(board, &other, FAILURES);
    assert_true(here.read_health(&here, PROVIDER_READS).circuit_open);
    assert_false(other.read_health(&other, PROVIDER_READS).circuit_open);
    free(here.breaker);
    free(other.breaker);
    unlink(file);
}

static void many_processes_count_every_call(void **state)
{
    struct breaker_slot *slot;
    const char *file = a_file(), *complaint;
    int status;
    (void) state;

    slot = breaker_board_slot(breaker_board_open(file, &complaint), "stripe", PROVIDER_READS);
    breaker_note(slot, 0, BREAKER_ANSWERED, NOW);
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            for (int n = 0; n < 5000; n++)
                breaker_note(slot, 0, n % 2 == 0 ? BREAKER_ANSWERED : 0, NOW);
            _exit(0);
        }
    }
    for (int i = 0; i < 4; i++)
        assert_true(wait(&status) > 0);
    assert_int_equal(breaker_health(slot, NOW).answered, 10001);
    assert_int_equal(breaker_health(slot, NOW).failed, 10000);
    unlink(file);
}

static void a_file_that_cannot_be_used_is_told_and_done_without(void **state)
{
    struct provider provider = { .name = "stripe", .call = scripted_call };
    const char *complaint = NULL;
    (void) state;

    breaker_guard(breaker_board_open("/no/such/folder/file", &complaint), &provider, FAILURES);
    assert_string_equal(complaint, strerror(ENOENT));
    call_guarded(&provider, (struct provider_reply) { .http_status = 200, .complete = true });
    assert_int_equal(provider.read_health(&provider, PROVIDER_READS).answered, 1);
    free(provider.breaker);
}

/* Its name is known: whoever made it first could open our circuits, or cut it off under us. */
static void a_file_that_others_may_write_is_not_mapped(void **state)
{
    const char *file = a_file(), *complaint = NULL;
    struct stat found;
    (void) state;

    assert_int_equal(chmod(file, 0660), 0);
    assert_non_null(breaker_board_open(file, &complaint));
    assert_string_equal(complaint, strerror(EPERM));
    assert_int_equal(stat(file, &found), 0);
    assert_int_equal(found.st_size, 0);                 /* and nothing was written into it */
    if (getuid() == 0) {
        assert_int_equal(chmod(file, 0600), 0);
        assert_int_equal(chown(file, 65534, 65534), 0);
        assert_non_null(breaker_board_open(file, &complaint));
        assert_string_equal(complaint, strerror(EPERM));
    }
    unlink(file);
}

static void a_file_of_a_later_version_is_not_cut(void **state)
{
    const char *file = a_file(), *complaint;
    struct stat found;
    (void) state;

    assert_int_equal(truncate(file, 1 << 20), 0);
    breaker_board_open(file, &complaint);
    assert_int_equal(stat(file, &found), 0);
    assert_int_equal(found.st_size, 1 << 20);
    unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_failures_in_a_minute_open_the_circuit),
        cmocka_unit_test(a_provider_that_mostly_answers_is_called),
        cmocka_unit_test(with_zero_failures_it_never_opens),
        cmocka_unit_test(an_open_circuit_refuses_until_its_wait_is_over),
        cmocka_unit_test(one_call_goes_to_see),
        cmocka_unit_test(an_answer_closes_it_and_forgets_the_failures),
        cmocka_unit_test(each_failed_try_doubles_the_wait_up_to_its_limit),
        cmocka_unit_test(a_clock_that_was_set_back_does_not_keep_it_open),
        cmocka_unit_test(the_last_call_tells_whether_it_fails_and_with_what),
        cmocka_unit_test(an_answer_after_a_row_of_failures_means_that_it_is_back),
        cmocka_unit_test(only_no_answer_5xx_and_a_refused_key_are_failures),
        cmocka_unit_test(a_stored_failure_closes_no_circuit_and_keeps_no_other_call_out),
        cmocka_unit_test(a_call_through_an_open_circuit_is_not_sent),
        cmocka_unit_test(each_direction_has_a_circuit_of_its_own),
        cmocka_unit_test(each_provider_has_circuits_of_its_own),
        cmocka_unit_test(processes_that_name_one_file_share_what_they_know),
        cmocka_unit_test(many_processes_count_every_call),
        cmocka_unit_test(a_file_that_cannot_be_used_is_told_and_done_without),
        cmocka_unit_test(a_file_of_a_later_version_is_not_cut),
        cmocka_unit_test(a_file_that_others_may_write_is_not_mapped),
    };

    return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
