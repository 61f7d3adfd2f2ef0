/* What comes on a connection of the web server, before a request is read and while it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "infrastructure/clock.h"
#include "infrastructure/fastcgi/arrival.h"

enum { OURS, THEIRS };

static int *given_a_connection(void)
{
    static int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    return ends;
}

static void close_both(const int *ends)
{
    close(ends[OURS]);
    close(ends[THEIRS]);
}

static enum arrival await(int connection)
{
    bool ignored;

    return arrival_await(connection, -1, &ignored);
}

/* --- Waiting --------------------------------------------------------------------------------- */

static void what_begins_to_arrive_is_a_request(void **state)
{
    const int *ends = given_a_connection();

    (void) state;
    assert_int_equal(write(ends[THEIRS], "x", 1), 1);
    assert_int_equal(await(ends[OURS]), ARRIVAL_REQUEST);
    close_both(ends);
}

/* Its bytes are still there when nginx has answered 504 and closed. */
static void a_caller_that_left_is_gone(void **state)
{
    const int *ends = given_a_connection();

    (void) state;
    assert_int_equal(write(ends[THEIRS], "x", 1), 1);
    shutdown(ends[THEIRS], SHUT_WR);
    assert_int_equal(await(ends[OURS]), ARRIVAL_GONE);
    close(ends[THEIRS]);
    assert_int_equal(await(ends[OURS]), ARRIVAL_GONE);
    close(ends[OURS]);
}

static void who_sends_nothing_is_given_up(void **state)
{
    const int *ends = given_a_connection();
    int64_t began_ms = clock_monotonic_ms();

    (void) state;
    assert_int_equal(await(ends[OURS]), ARRIVAL_SILENT);
    assert_true(clock_monotonic_ms() - began_ms >= ARRIVAL_WAIT_MS);
    close_both(ends);
}

static pid_t given_a_writer_that_comes_late(const int *ends)
{
    pid_t child = fork();

    if (child == 0) {
        usleep(300000);
        _exit(write(ends[THEIRS], "x", 1) == 1 ? 0 : 1);
    }
    return child;
}

/* Whatever the other descriptor has to say does not end the wait. */
static void a_late_request_is_awaited(void **state)
{
    const int *ends = given_a_connection();
    int other[2];
    bool other_is_quiet;
    pid_t child = given_a_writer_that_comes_late(ends);

    (void) state;
    assert_int_equal(pipe(other), 0);
    assert_int_equal(write(other[1], "x", 1), 1);
    assert_int_equal(arrival_await(ends[OURS], other[0], &other_is_quiet), ARRIVAL_REQUEST);
    assert_false(other_is_quiet);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close_both(ends);
    close_both(other);
}

static void the_other_descriptor_is_looked_at_in_passing(void **state)
{
    const int *ends = given_a_connection();
    int other[2];
    bool other_is_quiet = false;

    (void) state;
    assert_int_equal(pipe(other), 0);
    assert_int_equal(write(ends[THEIRS], "x", 1), 1);
    assert_int_equal(arrival_await(ends[OURS], other[0], &other_is_quiet), ARRIVAL_REQUEST);
    assert_true(other_is_quiet);
    close(other[1]);                                        /* end of file: not quiet */
    assert_int_equal(arrival_await(ends[OURS], other[0], &other_is_quiet), ARRIVAL_REQUEST);
    assert_false(other_is_quiet);
    close_both(ends);
    close(other[0]);
}

static void interrupt(int signal)
{
    (void) signal;
}

/* SIGTERM: the request under way is finished first. */
static void a_signal_does_not_end_the_wait(void **state)
{
    const int *ends = given_a_connection();
    const struct itimerval often = { { 0, 20000 }, { 0, 20000 } }, never = { { 0, 0 }, { 0, 0 } };
    struct sigaction action = { .sa_handler = interrupt };
    pid_t child = given_a_writer_that_comes_late(ends);

    (void) state;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    assert_int_equal(await(ends[OURS]), ARRIVAL_REQUEST);
    setitimer(ITIMER_REAL, &never, NULL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close_both(ends);
}

/* --- Reading --------------------------------------------------------------------------------- */

static FCGX_Request fcgx;

static int start_libfcgi(void **state)
{
    (void) state;
    return FCGX_Init() != 0 || FCGX_InitRequest(&fcgx, -1, 0) != 0;
}

/* BEGIN_REQUEST, PARAMS, the end of PARAMS and of STDIN: FastCGI specification, 3.3, 3.4 and 5. */
static const char request[] =
    "\1\1\0\1\0\10\0\0" "\0\1\0\0\0\0\0\0"
    "\1\4\0\1\0\23\0\0" "\16\3REQUEST_METHODGET"
    "\1\4\0\1\0\0\0\0"
    "\1\5\0\1\0\0\0\0";

static void assert_request_is_answered(void)
{
    const int *ends = given_a_connection();
    char answer[256] = "";

    assert_int_equal(write(ends[THEIRS], request, sizeof(request) - 1), sizeof(request) - 1);
    assert_true(arrival_read(&fcgx, ends[OURS]));
    assert_string_equal(FCGX_GetParam("REQUEST_METHOD", fcgx.envp), "GET");
    FCGX_FPrintF(fcgx.out, "Status: 204 No Content\r\n\r\n");
    FCGX_Detach(&fcgx);
    FCGX_Finish_r(&fcgx);
    assert_true(read(ends[THEIRS], answer, sizeof(answer)) > 0);
    assert_int_equal(memcmp(answer + 8, "Status: 204", 11), 0);
    assert_int_equal(fcntl(ends[OURS], F_GETFD), -1);       /* closed */
    close(ends[THEIRS]);
}

static void requests_are_read_one_after_the_other(void **state)
{
    (void) state;
    for (int i = 0; i < 3; i++)
        assert_request_is_answered();
}

/* Whoever may connect to the socket cannot stop a worker with it. */
static void what_is_no_request_is_refused_and_the_next_is_read(void **state)
{
    static const char *const strange[] = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\1\1\0\1\0\10\0\0\0\7\0\0\0\0\0\0", ""
    };

    (void) state;
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        const int *ends = given_a_connection();
        size_t size = i == 1 ? 16 : strlen(strange[i]);

        assert_int_equal(write(ends[THEIRS], strange[i], size), size);
        shutdown(ends[THEIRS], SHUT_WR);
        assert_false(arrival_read(&fcgx, ends[OURS]));
        FCGX_Finish_r(&fcgx);
        assert_int_equal(fcntl(ends[OURS], F_GETFD), -1);
        close(ends[THEIRS]);
        assert_request_is_answered();
    }
}

static void a_connection_is_accepted(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t size = sizeof(sa_family_t);                   /* the kernel chooses a name */
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), caller = socket(AF_UNIX, SOCK_STREAM, 0);
    int connection;

    (void) state;
    assert_int_equal(bind(listener, (struct sockaddr *) &address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    size = sizeof(address);
    assert_int_equal(getsockname(listener, (struct sockaddr *) &address, &size), 0);
    assert_int_equal(connect(caller, (struct sockaddr *) &address, size), 0);
    connection = arrival_accept(listener);
    assert_true(connection >= 0);
    assert_int_equal(write(caller, "x", 1), 1);
    assert_int_equal(await(connection), ARRIVAL_REQUEST);
    close(connection);
    close(caller);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_begins_to_arrive_is_a_request),
        cmocka_unit_test(a_caller_that_left_is_gone),
        cmocka_unit_test(who_sends_nothing_is_given_up),
        cmocka_unit_test(a_late_request_is_awaited),
        cmocka_unit_test(the_other_descriptor_is_looked_at_in_passing),
        cmocka_unit_test(a_signal_does_not_end_the_wait),
        cmocka_unit_test_setup(requests_are_read_one_after_the_other, start_libfcgi),
        cmocka_unit_test_setup(what_is_no_request_is_refused_and_the_next_is_read, start_libfcgi),
        cmocka_unit_test(a_connection_is_accepted),
    };

    return cmocka_run_group_tests_name("arrival", tests, NULL, NULL);
}
