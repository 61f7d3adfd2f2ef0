/*
 * The master with real processes. This program plays three parts: the tests; the master, when it is
 * called with the name of a folder; and its workers, which do what the file "mode" in there says.
 */
#include <config.h>                         /* _GNU_SOURCE: nanosleep, readlink */

#include "infrastructure/fastcgi/master.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "infrastructure/clock.h"

#define WORKERS     3
#define HANG_LIMIT_MS 500
#define PATIENCE_MS 10000
#define HOUR_MS     3600000
#define PIDS_MAX    64

/* --- The master and its workers ------------------------------------------------------------ */

static void leave(int signal)
{
    (void) signal;
    _exit(0);
}

static int play_worker(const char *mode, struct worker_status *status)
{
    sigset_t none;

    if (strcmp(mode, "crash") == 0)
        return 70;
    if (strcmp(mode, "never") != 0)
        worker_status_say(status, strcmp(mode, "hang") == 0 ? ACTIVITY_BUSY : ACTIVITY_IDLE);
    signal(SIGTERM, strcmp(mode, "stubborn") == 0 ? SIG_IGN : leave);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    fputs("handlers set\n", stderr);
    for (;;)
        pause();
}

static void read_mode(char mode[static 16])
{
    FILE *file = fopen("mode", "r");

    if (file == NULL || fscanf(file, "%15s", mode) != 1)
        strcpy(mode, "live");
    if (file != NULL)
        fclose(file);
}

static int play_master(char **argv)
{
    const struct master_settings settings = { .workers = WORKERS, .pool = "test", .title = "test-worker",
                                              .hang_limit_ms = HANG_LIMIT_MS, .program = argv[0], .argv = argv };
    struct worker_status *status;
    char mode[16];

    if (chdir(argv[1]) != 0)
        return 1;
    if (argv[2] != NULL)                        /* --check */
        return access("refuse", F_OK) == 0 ? 78 : 0;
    status = master_run(&settings);
    if (status == NULL)
        return 0;
    read_mode(mode);
    return play_worker(mode, status);
}

/* --- What the tests start from ------------------------------------------------------------- */

static char self[4096];

static struct {
    char  folder[32];
    pid_t master;
} given;

struct pids {
    pid_t all[PIDS_MAX];
    int   count;
};

static void given_a_file(const char *name, const char *text)
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", given.folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void become_master(void)
{
    char log[64];

    snprintf(log, sizeof(log), "%s/log", given.folder);
    if (freopen(log, "a", stderr) != NULL)
        execl(self, self, given.folder, (char *) NULL);
    _exit(127);
}

static struct pids workers(void)
{
    struct pids pids = { .count = 0 };
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int) given.master,
             (int) given.master);
    file = fopen(path, "r");
    while (file != NULL && pids.count < PIDS_MAX && fscanf(file, "%d", &pids.all[pids.count]) == 1)
        pids.count++;
    if (file != NULL)
        fclose(file);
    return pids;
}

static bool contains(const struct pids *pids, pid_t pid)
{
    for (int i = 0; i < pids->count; i++)
        if (pids->all[i] == pid)
            return true;
    return false;
}

static int count_common(const struct pids *a, const struct pids *b)
{
    int count = 0;

    for (int i = 0; i < a->count; i++)
        count += contains(b, a->all[i]);
    return count;
}

static void rest(long ms)
{
    const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

    nanosleep(&pause, NULL);
}

/* A zombie is dead, whoever has not fetched it yet. */
static bool is_alive(pid_t pid)
{
    char path[64], process_state = 'Z';
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
    file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &process_state) != 1)
        process_state = 'Z';
    if (file != NULL)
        fclose(file);
    return process_state != 'Z';
}

static int count_alive(const struct pids *pids)
{
    int count = 0;

    for (int i = 0; i < pids->count; i++)
        count += is_alive(pids->all[i]);
    return count;
}

static void await_death(const struct pids *pids)
{
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;

    while (count_alive(pids) > 0 && clock_monotonic_ms() < end_ms)
        rest(10);
    assert_int_equal(count_alive(pids), 0);
}

/* Until there are that many workers, of whom that many were there before. */
static void await_workers(int count, const struct pids *before, int old)
{
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    struct pids now = workers();

    while (now.count != count || count_common(&now, before) != old) {
        if (clock_monotonic_ms() > end_ms)
            fail_msg("%d workers, %d of them old, instead of %d, %d", now.count,
                     count_common(&now, before), count, old);
        rest(10);
        now = workers();
    }
}

static int logged(const char *words)
{
    char line[4096], path[64];
    int count = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/log", given.folder);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        count += strstr(line, words) != NULL;
    if (file != NULL)
        fclose(file);
    return count;
}

static void await_logged(const char *words, int times)
{
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;

    while (logged(words) < times) {
        if (clock_monotonic_ms() > end_ms)
            fail_msg("the log does not say %s %d times", words, times);
        rest(10);
    }
}

static void await_log(const char *words)
{
    await_logged(words, 1);
}

/* A worker that answers to a signal says so. */
static void await_handlers(int workers)
{
    await_logged("handlers set", workers);
}

static int given_a_pool(void **state)
{
    const struct pids nobody = { .count = 0 };

    (void) state;
    strcpy(given.folder, "/tmp/payapi-master-XXXXXX");
    if (mkdtemp(given.folder) == NULL)
        return 1;
    given.master = fork();
    if (given.master == 0)
        become_master();
    await_workers(WORKERS, &nobody, 0);
    await_handlers(WORKERS);
    return 0;
}

/* The exit status of the master, or -1 when it does not end. */
static int await_end(void)
{
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    int status = 0;

    while (waitpid(given.master, &status, WNOHANG) == 0) {
        if (clock_monotonic_ms() > end_ms)
            return -1;
        rest(10);
    }
    given.master = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int end_the_pool(void **state)
{
    char command[64];

    (void) state;
    if (given.master != 0) {
        struct pids last = workers();

        kill(given.master, SIGKILL);
        waitpid(given.master, NULL, 0);
        for (int i = 0; i < last.count; i++)
            kill(last.all[i], SIGKILL);
    }
    snprintf(command, sizeof(command), "rm -rf '%s'", given.folder);
    return system(command);
}

/* --- Tests --------------------------------------------------------------------------------- */

static void a_worker_that_is_killed_is_replaced(void **state)
{
    struct pids before = workers();

    (void) state;
    kill(before.all[1], SIGKILL);
    await_workers(WORKERS, &before, WORKERS - 1);
    assert_int_equal(logged("worker_ended"), 1);
}

struct crash {
    int64_t at_ms;                              /* of the hour */
    int64_t restart_in_ms;
};

/* The first three crashes, as the log tells them. */
static void read_crashes(struct crash crashes[static 3])
{
    int minute, second, ms, count = 0;
    char line[4096], path[64];
    FILE *file;

    snprintf(path, sizeof(path), "%s/log", given.folder);
    file = fopen(path, "r");
    assert_non_null(file);
    while (count < 3 && fgets(line, sizeof(line), file) != NULL) {
        if (strstr(line, "\"status\":70") == NULL)
            continue;
        assert_int_equal(sscanf(line, "{\"ts\":\"%*[^T]T%*d:%d:%d.%dZ", &minute, &second, &ms), 3);
        crashes[count].at_ms = (minute * 60 + second) * 1000 + ms;
        crashes[count++].restart_in_ms = atoi(strstr(line, "\"restart_in_ms\":") + 16);
    }
    fclose(file);
    assert_int_equal(count, 3);
}

/* However late the machine is: never earlier, and each time later. */
static void a_crash_loop_is_slowed_down_and_never_given_up(void **state)
{
    struct pids before = workers();
    struct crash crashes[3];

    (void) state;
    given_a_file("mode", "crash");
    kill(before.all[0], SIGKILL);
    await_logged("\"status\":70", 3);
    read_crashes(crashes);
    for (int i = 0; i < 2; i++) {
        int64_t after_ms = (crashes[i + 1].at_ms - crashes[i].at_ms + HOUR_MS) % HOUR_MS;

        assert_int_equal(crashes[i].restart_in_ms, 200 << i);
        assert_in_range(after_ms, crashes[i].restart_in_ms - 1, HOUR_MS / 2);
    }
    given_a_file("mode", "live");
    await_workers(WORKERS, &before, WORKERS - 1);
}

static void a_stop_lets_workers_finish_and_exits_with_zero(void **state)
{
    (void) state;
    kill(given.master, SIGTERM);
    assert_int_equal(await_end(), 0);
    assert_int_equal(logged("\"event\":\"worker_ended\""), WORKERS);
    assert_int_equal(logged("\"status\":0"), WORKERS);
}

static void a_second_signal_does_not_wait_for_anybody(void **state)
{
    struct pids stubborn;

    (void) state;
    given_a_file("mode", "stubborn");
    stubborn = workers();
    kill(stubborn.all[0], SIGKILL);
    await_workers(WORKERS, &stubborn, WORKERS - 1);
    await_handlers(WORKERS + 1);
    stubborn = workers();
    kill(given.master, SIGINT);
    await_workers(1, &stubborn, 1);
    stubborn = workers();
    kill(given.master, SIGTERM);
    assert_int_equal(await_end(), 0);
    await_death(&stubborn);
}

static void a_reload_replaces_every_worker_once_the_new_ones_have_settled(void **state)
{
    struct pids before = workers();

    (void) state;
    kill(given.master, SIGHUP);
    await_workers(2 * WORKERS, &before, WORKERS);       /* the old ones serve on */
    await_workers(WORKERS, &before, 0);
    assert_int_equal(kill(given.master, 0), 0);
}

static void a_reload_that_fails_its_check_changes_nothing(void **state)
{
    struct pids before = workers();

    (void) state;
    given_a_file("refuse", "");
    kill(given.master, SIGHUP);
    await_log("reload_refused");
    await_workers(WORKERS, &before, WORKERS);
}

static void old_workers_serve_on_while_the_new_ones_die(void **state)
{
    struct pids before = workers();

    (void) state;
    given_a_file("mode", "crash");
    kill(given.master, SIGHUP);
    await_log("\"status\":70");
    rest(2500);                                 /* longer than settling and a tick */
    assert_int_equal(count_alive(&before), WORKERS);
    given_a_file("mode", "live");
    await_workers(WORKERS, &before, 0);
}

static void workers_end_with_their_master(void **state)
{
    struct pids orphans = workers();

    (void) state;
    kill(given.master, SIGKILL);
    await_end();
    await_death(&orphans);
}

static void a_worker_that_hangs_is_killed_and_replaced(void **state)
{
    struct pids before = workers();

    (void) state;
    given_a_file("mode", "hang");
    kill(before.all[0], SIGKILL);
    await_log("worker_hung");
    given_a_file("mode", "live");
    await_workers(WORKERS, &before, WORKERS - 1);
    rest(HANG_LIMIT_MS + 1500);                 /* longer than the limit and a tick: idle is no hanging */
    await_workers(WORKERS, &before, WORKERS - 1);
}

/* --- What the service manager hears -------------------------------------------------------- */

static int manager;

static void given_a_manager_at(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + strlen(name));

    memcpy(address.sun_path, name, strlen(name));
    if (*name == '@')
        address.sun_path[0] = '\0';
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(manager, (struct sockaddr *) &address, size), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    setenv("WATCHDOG_USEC", "400000", 1);
}

static int given_a_watched_pool(void **state)
{
    char name[64];

    snprintf(name, sizeof(name), "@payapi-master-%d", (int) getpid());
    given_a_manager_at(name);
    return given_a_pool(state);
}

static int end_the_watched_pool(void **state)
{
    close(manager);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    return end_the_pool(state);
}

/* True when the manager hears that within the time; what it hears before is passed over. */
static bool hears(const char *words, int64_t within_ms)
{
    int64_t end_ms = clock_monotonic_ms() + within_ms;
    char text[256];

    while (clock_monotonic_ms() < end_ms) {
        struct pollfd fd = { .fd = manager, .events = POLLIN };
        ssize_t size;

        if (poll(&fd, 1, (int) (end_ms - clock_monotonic_ms())) != 1)
            return false;
        size = recv(manager, text, sizeof(text) - 1, 0);
        text[size > 0 ? size : 0] = '\0';
        if (strncmp(text, words, strlen(words)) == 0)
            return true;
    }
    return false;
}

static void the_manager_hears_ready_alive_and_stopping(void **state)
{
    (void) state;
    assert_true(hears("READY=1", PATIENCE_MS));
    assert_true(hears("WATCHDOG=1", PATIENCE_MS));
    assert_true(hears("WATCHDOG=1", PATIENCE_MS));
    kill(given.master, SIGTERM);
    assert_true(hears("STOPPING=1", PATIENCE_MS));
    assert_int_equal(await_end(), 0);
}

static void a_reload_is_ready_when_the_new_workers_are(void **state)
{
    (void) state;
    assert_true(hears("READY=1", PATIENCE_MS));
    given_a_file("mode", "never");
    kill(given.master, SIGHUP);
    assert_true(hears("RELOADING=1\nMONOTONIC_USEC=", PATIENCE_MS));
    assert_false(hears("READY=1", HANG_LIMIT_MS / 2));
    given_a_file("mode", "live");               /* those who never start are killed as hung */
    assert_true(hears("READY=1", PATIENCE_MS));
}

static void the_watchdog_starves_when_no_worker_works(void **state)
{
    struct pids before = workers();

    (void) state;
    assert_true(hears("WATCHDOG=1", PATIENCE_MS));
    given_a_file("mode", "crash");
    for (int i = 0; i < before.count; i++)
        kill(before.all[i], SIGKILL);
    await_logged("\"signal\":9", WORKERS);
    while (hears("", 1))                        /* said before they died */
        continue;
    assert_false(hears("WATCHDOG=1", 2500));
    given_a_file("mode", "live");
    assert_true(hears("WATCHDOG=1", PATIENCE_MS));
}

int main(int argc, char **argv)
{
#define WATCHED(name) cmocka_unit_test_setup_teardown(name, given_a_watched_pool, end_the_watched_pool)
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_a_pool, end_the_pool)
    const struct CMUnitTest tests[] = {
        TEST(a_worker_that_is_killed_is_replaced),
        TEST(a_crash_loop_is_slowed_down_and_never_given_up),
        TEST(a_stop_lets_workers_finish_and_exits_with_zero),
        TEST(a_second_signal_does_not_wait_for_anybody),
        TEST(a_reload_replaces_every_worker_once_the_new_ones_have_settled),
        TEST(a_reload_that_fails_its_check_changes_nothing),
        TEST(old_workers_serve_on_while_the_new_ones_die),
        TEST(workers_end_with_their_master),
        TEST(a_worker_that_hangs_is_killed_and_replaced),
        WATCHED(the_manager_hears_ready_alive_and_stopping),
        WATCHED(a_reload_is_ready_when_the_new_workers_are),
        WATCHED(the_watchdog_starves_when_no_worker_works),
    };

    if (argc > 1)
        return play_master(argv);
    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
        return 1;
    return cmocka_run_group_tests_name("master", tests, NULL, NULL);
}
