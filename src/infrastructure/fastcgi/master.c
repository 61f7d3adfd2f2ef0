/* Forks the workers, replaces those that end, and passes signals on. */
#include "infrastructure/fastcgi/master.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metrics.h"
#include "infrastructure/clock.h"
#include "infrastructure/fastcgi/backoff.h"
#include "infrastructure/fastcgi/process.h"
#include "infrastructure/fastcgi/reload.h"
#include "infrastructure/notify.h"
#include "old_workers.h"
#include "worker_status.h"

#define STOP_LIMIT_MS 15000             /* longer than a provider's answer may take */
#define SETTLED_MS    1000              /* a new worker that has lived so long counts as stable */
#define TICK_MS       1000
#define STARTING_MS   50                /* a tick until the pool is ready */

struct slot {
    pid_t          pid;                 /* 0: empty */
    int64_t        born_at_ms;
    int64_t        due_at_ms;           /* when an empty slot may be filled again */
    bool           is_hung;             /* its worker was killed for that */
    struct backoff backoff;
};

struct master {
    const struct master_settings *settings;
    struct slot                   slots[MASTER_WORKERS_MAX];
    struct worker_status         *statuses;     /* of the workers in the slots */
    bool                          ready;        /* the service manager was told */
    struct old_workers            old_workers;
    pid_t                         check;        /* the running --check of a reload; 0: none */
    int64_t                       stop_at_ms;   /* when the stop was asked for; 0: not yet */
    bool                          at_once;
};

/* --- Starting ------------------------------------------------------------------------------ */

static bool become_worker(const struct master_settings *settings, pid_t master)
{
    process_set_title(settings->title);
    return process_die_with(master);
}

static struct worker_status *status_of(const struct master *master, const struct slot *slot)
{
    return &master->statuses[slot - master->slots];
}

/* True in the new worker. */
static bool fill_slot(struct master *master, struct slot *slot, int64_t now_ms)
{
    pid_t self = getpid(), pid;

    worker_status_say(status_of(master, slot), ACTIVITY_STARTING);
    pid = fork();
    if (pid == 0) {
        if (!become_worker(master->settings, self))
            _exit(0);
        return true;
    }
    if (pid < 0) {
        log_event(LOG_LEVEL_ERROR, "fork_failed", LOG_TEXT("cause", strerror(errno)));
        slot->due_at_ms = now_ms + BACKOFF_MAX_MS;
        return false;
    }
    slot->pid = pid;
    slot->born_at_ms = now_ms;
    return false;
}

/* In a new worker: its status. In the master: NULL. */
static struct worker_status *fill_slots(struct master *master)
{
    int64_t now_ms = clock_monotonic_ms();

    if (master->stop_at_ms != 0)
        return NULL;
    for (int i = 0; i < master->settings->workers; i++) {
        struct slot *slot = &master->slots[i];

        if (slot->pid == 0 && now_ms >= slot->due_at_ms && fill_slot(master, slot, now_ms))
            return status_of(master, slot);
    }
    return NULL;
}

/* --- Ending -------------------------------------------------------------------------------- */

static void log_end(pid_t pid, int status, int64_t lived_ms, int wait_ms)
{
    bool on_purpose = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    log_event(on_purpose ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "worker_ended",
              LOG_NUMBER("worker_pid", pid),
              LOG_NUMBER("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
              LOG_NUMBER("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
              LOG_NUMBER("lived_ms", lived_ms), LOG_NUMBER("restart_in_ms", wait_ms));
}

static const char *reason_of(const struct slot *slot, int status)
{
    if (slot->is_hung)
        return "hung";
    if (WIFSIGNALED(status))
        return "crashed";
    return WEXITSTATUS(status) == 0 ? "recycled" : "failed";
}

static void empty_slot(const struct master *master, struct slot *slot, int status)
{
    int64_t now_ms = clock_monotonic_ms(), lived_ms = now_ms - slot->born_at_ms;
    bool on_purpose = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    int wait_ms = backoff_next_ms(&slot->backoff, lived_ms, on_purpose);

    log_end(slot->pid, status, lived_ms, wait_ms);
    metrics_add(METRIC_WORKER_ENDS, 1,
                METRIC_VALUES(master->settings->pool, reason_of(slot, status)));
    slot->pid = 0;
    slot->is_hung = false;
    slot->due_at_ms = now_ms + wait_ms;
}

static void finish_check(struct master *master, int status);

static void note_end(struct master *master, pid_t pid, int status)
{
    if (pid == master->check)
        finish_check(master, status);
    else if (!old_workers_remove(&master->old_workers, pid))
        for (int i = 0; i < master->settings->workers; i++)
            if (master->slots[i].pid == pid)
                empty_slot(master, &master->slots[i], status);
}

static void reap(struct master *master)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        note_end(master, pid, status);
}

static void signal_all(const struct master *master, int signal)
{
    for (int i = 0; i < master->settings->workers; i++)
        if (master->slots[i].pid != 0)
            kill(master->slots[i].pid, signal);
    old_workers_signal(&master->old_workers, signal);
}

static bool has_workers(const struct master *master)
{
    for (int i = 0; i < master->settings->workers; i++)
        if (master->slots[i].pid != 0)
            return true;
    return master->old_workers.count > 0;
}

/*
 * The signal is repeated at each tick: one that arrives between a worker's look at its flag and
 * accept() would otherwise be noticed only with the next connection.
 */
static void press(const struct master *master, int64_t since_ms)
{
    bool patient = clock_monotonic_ms() - since_ms < STOP_LIMIT_MS;

    if (master->stop_at_ms != 0)
        signal_all(master, patient ? SIGTERM : SIGKILL);
    else
        old_workers_signal(&master->old_workers, patient ? SIGTERM : SIGKILL);
}

/* --- Watching ------------------------------------------------------------------------------ */

/* The worker is stopped, or stuck where no deadline applies: others wait for whatever it holds. */
static bool is_hung(const struct master *master, const struct slot *slot)
{
    return slot->pid != 0 && worker_status_is_stale(status_of(master, slot), clock_monotonic_ms(),
                                           master->settings->hang_limit_ms);
}

static void end_hung_workers(struct master *master)
{
    for (int i = 0; i < master->settings->workers; i++)
        if (is_hung(master, &master->slots[i])) {
            log_event(LOG_LEVEL_ERROR, "worker_hung",
                      LOG_NUMBER("worker_pid", master->slots[i].pid),
                      LOG_NUMBER("limit_ms", master->settings->hang_limit_ms));
            master->slots[i].is_hung = true;
            kill(master->slots[i].pid, SIGKILL);
        }
}

static bool has_started(const struct master *master, const struct slot *slot)
{
    return slot->pid != 0 && atomic_load(&status_of(master, slot)->activity) != ACTIVITY_STARTING;
}

/* Reports ready once, when every worker has tried the database, and alive while one of them has. */
static void report(struct master *master)
{
    int started = 0;

    for (int i = 0; i < master->settings->workers; i++)
        started += has_started(master, &master->slots[i]);
    if (!master->ready && started == master->settings->workers) {
        master->ready = true;
        notify_ready();
    }
    if (started > 0)
        notify_alive();
}

static void count_workers(const struct master *master)
{
    static const char *const states[] = { [ACTIVITY_STARTING] = "starting",
                                          [ACTIVITY_IDLE] = "idle", [ACTIVITY_BUSY] = "busy" };
    int counts[] = { [ACTIVITY_STARTING] = 0, [ACTIVITY_IDLE] = 0, [ACTIVITY_BUSY] = 0 };

    for (int i = 0; i < master->settings->workers; i++)
        if (master->slots[i].pid != 0)
            counts[atomic_load(&master->statuses[i].activity)]++;
    for (int state = ACTIVITY_STARTING; state <= ACTIVITY_BUSY; state++)
        metrics_set(METRIC_WORKERS, counts[state],
                    METRIC_VALUES(master->settings->pool, states[state]));
}

/* --- Reloading ----------------------------------------------------------------------------- */

static void start_check(struct master *master)
{
    if (master->check != 0 || master->stop_at_ms != 0)
        return;
    master->check = reload_start_check(master->settings->program, master->settings->argv);
    if (master->check < 0)
        master->check = 0;
}

static void become_successor(struct master *master)
{
    struct old_workers family = master->old_workers;

    for (int i = 0; i < master->settings->workers; i++)
        old_workers_add(&family, master->slots[i].pid);
    old_workers_announce(&family);
    log_event(LOG_LEVEL_INFO, "reload", LOG_NUMBER("workers_before", family.count));
    notify_reloading();
    reload_become(master->settings->program, master->settings->argv);
    log_event(LOG_LEVEL_ERROR, "reload_failed", LOG_TEXT("cause", strerror(errno)));
    notify_ready();                             /* as before */
}

static void finish_check(struct master *master, int status)
{
    master->check = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && master->stop_at_ms == 0)
        become_successor(master);
    else
        log_event(
            LOG_LEVEL_ERROR, "reload_refused",
            LOG_TEXT("cause", "the program on disk failed its --check; the lines above say why"),
            LOG_NUMBER("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1));
}

static bool has_settled(const struct master *master)
{
    int64_t now_ms = clock_monotonic_ms();

    for (int i = 0; i < master->settings->workers; i++)
        if (master->slots[i].pid == 0 || now_ms - master->slots[i].born_at_ms < SETTLED_MS)
            return false;
    return true;
}

/* The old workers serve until the new ones have settled. */
static void tend_old_workers(struct master *master)
{
    if (master->old_workers.count == 0 || master->stop_at_ms != 0)
        return;
    if (master->old_workers.told_at_ms == 0 && has_settled(master))
        master->old_workers.told_at_ms = clock_monotonic_ms();
    if (master->old_workers.told_at_ms != 0)
        press(master, master->old_workers.told_at_ms);
}

/* --- Signals ------------------------------------------------------------------------------- */

static sigset_t signals_of_master(void)
{
    static const int signals[] = { SIGCHLD, SIGHUP, SIGTERM, SIGINT };
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaddset(&set, signals[i]);
    return set;
}

static void begin_stop(struct master *master)
{
    if (master->stop_at_ms != 0) {
        master->at_once = true;
        signal_all(master, SIGKILL);
        return;
    }
    log_event(LOG_LEVEL_INFO, "stopping", LOG_TEXT("pool", master->settings->title));
    master->stop_at_ms = clock_monotonic_ms();
    notify_stopping();
}

/* Until the next slot is due, a tick at most. */
static int64_t patience_ms(const struct master *master)
{
    int64_t now_ms = clock_monotonic_ms(), wait_ms = master->ready ? TICK_MS : STARTING_MS;

    for (int i = 0; i < master->settings->workers; i++) {
        const struct slot *slot = &master->slots[i];

        if (slot->pid == 0 && slot->due_at_ms - now_ms < wait_ms)
            wait_ms = slot->due_at_ms - now_ms;
    }
    return wait_ms > 0 ? wait_ms : 0;
}

static void await_signal(struct master *master)
{
    int64_t wait_ms = patience_ms(master);
    const struct timespec patience = { wait_ms / 1000, wait_ms % 1000 * 1000000 };
    const sigset_t signals = signals_of_master();
    int signal = sigtimedwait(&signals, NULL, &patience);

    if (signal == SIGCHLD)
        reap(master);
    if (signal == SIGHUP)
        start_check(master);
    if (signal == SIGTERM || signal == SIGINT)
        begin_stop(master);
}

/* --- The loop ------------------------------------------------------------------------------ */

static bool is_over(const struct master *master)
{
    return master->at_once || (master->stop_at_ms != 0 && !has_workers(master));
}

struct worker_status *master_run(const struct master_settings *settings)
{
    static struct master master;
    const sigset_t signals = signals_of_master();
    struct worker_status *status;

    master.settings = settings;
    master.statuses = worker_status_new_table(settings->workers);
    notify_open();
    sigprocmask(SIG_BLOCK, &signals, NULL);
    old_workers_adopt(&master.old_workers);
    while (!is_over(&master)) {
        status = fill_slots(&master);
        if (status != NULL)
            return status;
        end_hung_workers(&master);
        report(&master);
        count_workers(&master);
        tend_old_workers(&master);
        await_signal(&master);
        if (master.stop_at_ms != 0)
            press(&master, master.stop_at_ms);
    }
    return NULL;
}
