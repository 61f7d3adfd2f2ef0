/* The master's pure parts. The master itself is tested with real workers in tests/e2e. */
#include "infrastructure/fastcgi/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "infrastructure/fastcgi/old_workers.h"
#include "infrastructure/clock.h"
#include "infrastructure/fastcgi/process.h"
#include "infrastructure/fastcgi/worker_status.h"
#include "infrastructure/notify.h"

static void deaths_in_youth_wait_twice_as_long_each_time_up_to_a_limit(void **state)
{
    static const int waits[] = { 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000 };
    struct backoff backoff = { 0 };

    (void) state;
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
        assert_int_equal(backoff_next_ms(&backoff, 5, false), waits[i]);
}

static void a_long_life_makes_up_for_the_deaths_before(void **state)
{
    struct backoff backoff = { 0 };

    (void) state;
    backoff_next_ms(&backoff, 0, false);
    backoff_next_ms(&backoff, BACKOFF_FORGET_MS - 1, false);
    assert_int_equal(backoff.delay_ms, 200);
    assert_int_equal(backoff_next_ms(&backoff, BACKOFF_FORGET_MS, false), 0);
    assert_int_equal(backoff_next_ms(&backoff, 0, false), BACKOFF_FIRST_MS);
}

static void a_worker_that_left_on_purpose_is_replaced_at_once(void **state)
{
    struct backoff backoff = { 3200 };

    (void) state;
    assert_int_equal(backoff_next_ms(&backoff, 1, true), 0);
}

static void workers_are_handed_over_through_the_environment(void **state)
{
    struct old_workers old_workers = { 0 }, heirs;

    (void) state;
    old_workers_add(&old_workers, 17);
    old_workers_add(&old_workers, 4194304);
    old_workers_add(&old_workers, 0);           /* an empty slot is nobody */
    old_workers_announce(&old_workers);
    old_workers_adopt(&heirs);
    assert_int_equal(heirs.count, 2);
    assert_int_equal(heirs.pids[0], 17);
    assert_int_equal(heirs.pids[1], 4194304);
    assert_int_equal(heirs.told_at_ms, 0);
    old_workers_adopt(&heirs);                  /* once is enough */
    assert_int_equal(heirs.count, 0);
}

static void nonsense_in_the_environment_names_nobody(void **state)
{
    static const char *const texts[] = { "", "x", "-1 -5", "0 0", " ", "12x 13" };
    static const int counts[] = { 0, 0, 0, 0, 0, 1 };
    struct old_workers old_workers;

    (void) state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        setenv("PAYAPI_WORKERS_BEFORE", texts[i], 1);
        old_workers_adopt(&old_workers);
        assert_int_equal(old_workers.count, counts[i]);
    }
}

static void who_is_gone_is_forgotten(void **state)
{
    struct old_workers old_workers = { .pids = { 5, 6, 7 }, .count = 3 };

    (void) state;
    assert_true(old_workers_remove(&old_workers, 6));
    assert_false(old_workers_remove(&old_workers, 6));
    assert_int_equal(old_workers.count, 2);
    assert_true(old_workers_remove(&old_workers, 5) && old_workers_remove(&old_workers, 7));
    assert_int_equal(old_workers.count, 0);
}

static void a_program_knows_its_own_path(void **state)
{
    struct arena *arena = arena_new();

    (void) state;
    assert_string_equal(process_path(arena, "/usr/sbin/payapi-worker"), "/usr/sbin/payapi-worker");
    assert_int_equal(process_path(arena, "./payapi-worker")[0], '/');
    setenv("PATH", "relative:/nowhere:/bin", 1);
    assert_string_equal(process_path(arena, "sh"), "/bin/sh");
    assert_string_equal(process_path(arena, "no-such-program"), "no-such-program");
    arena_free(arena);
}

static void private_memory_grows_with_what_is_written_and_not_with_what_is_mapped(void **state)
{
    enum { SIZE = 32 << 20 };
    int statm = process_open_memory();
    int64_t before = process_private_bytes(statm), mapped;
    char *block = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void) state;
    assert_true(before > 0);
    mapped = process_private_bytes(statm);
    memset(block, 1, SIZE);
    assert_in_range(mapped - before + (1 << 20), 0, 2 << 20);
    assert_in_range(process_private_bytes(statm) - mapped, SIZE - (1 << 20), SIZE + (1 << 20));
    munmap(block, SIZE);
    close(statm);
    assert_int_equal(process_private_bytes(statm), 0);           /* cannot be read: says nothing */
}

static void a_note_is_stale_when_its_worker_is_silent_and_not_idle(void **state)
{
    struct worker_status *status = worker_status_new_table(1);
    int64_t now_ms = clock_monotonic_ms();

    (void) state;
    worker_status_say(status, ACTIVITY_BUSY);
    assert_false(worker_status_is_stale(status, now_ms + 1000, 1000 + 50));
    assert_true(worker_status_is_stale(status, now_ms + 1200, 1000));
    worker_status_say(status, ACTIVITY_IDLE);
    assert_false(worker_status_is_stale(status, now_ms + 1000000, 1000));
    worker_status_say(status, ACTIVITY_STARTING);
    assert_true(worker_status_is_stale(status, now_ms + 1000000, 1000));
}

/* A path and an abstract name; nobody there, no name at all, one that is too long. */
static void the_manager_is_told_at_its_socket_and_nobody_is_waited_for(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char text[32] = "", name[200];
    int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void) state;
    snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/payapi-notify-%d", (int) getpid());
    assert_int_equal(bind(manager, (struct sockaddr *) &address, sizeof(address)), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    notify_open();
    alarm(10);
    for (int i = 0; i < 10000; i++)
        notify_ready();                         /* full long before, and still not waited for */
    alarm(0);
    assert_int_equal(recv(manager, text, sizeof(text), 0), strlen("READY=1"));
    assert_string_equal(text, "READY=1");
    unlink(address.sun_path);
    notify_stopping();
    memset(name, 'x', sizeof(name) - 1);
    name[0] = '/', name[sizeof(name) - 1] = '\0';
    setenv("NOTIFY_SOCKET", name, 1);
    notify_open();
    notify_ready();
    unsetenv("NOTIFY_SOCKET");
    notify_open();
    notify_ready();
    close(manager);
}

static void the_watchdog_of_another_process_is_not_ours(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char text[32], pid[16];
    int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void) state;
    snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/payapi-watchdog-%d", (int) getpid());
    assert_int_equal(bind(manager, (struct sockaddr *) &address, sizeof(address)), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    setenv("WATCHDOG_USEC", "1000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    notify_open();
    notify_alive();
    assert_int_equal(recv(manager, text, sizeof(text), 0), -1);
    snprintf(pid, sizeof(pid), "%d", (int) getpid());
    setenv("WATCHDOG_PID", pid, 1);
    notify_open();
    notify_alive();
    assert_int_equal(recv(manager, text, sizeof(text), 0), strlen("WATCHDOG=1"));
    unsetenv("NOTIFY_SOCKET");
    unlink(address.sun_path);
    close(manager);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deaths_in_youth_wait_twice_as_long_each_time_up_to_a_limit),
        cmocka_unit_test(a_long_life_makes_up_for_the_deaths_before),
        cmocka_unit_test(a_worker_that_left_on_purpose_is_replaced_at_once),
        cmocka_unit_test(workers_are_handed_over_through_the_environment),
        cmocka_unit_test(nonsense_in_the_environment_names_nobody),
        cmocka_unit_test(who_is_gone_is_forgotten),
        cmocka_unit_test(a_program_knows_its_own_path),
        cmocka_unit_test(private_memory_grows_with_what_is_written_and_not_with_what_is_mapped),
        cmocka_unit_test(a_note_is_stale_when_its_worker_is_silent_and_not_idle),
        cmocka_unit_test(the_manager_is_told_at_its_socket_and_nobody_is_waited_for),
        cmocka_unit_test(the_watchdog_of_another_process_is_not_ours),
    };

    return cmocka_run_group_tests_name("master parts", tests, NULL, NULL);
}
