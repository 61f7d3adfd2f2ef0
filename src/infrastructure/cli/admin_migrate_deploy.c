/*
 * sqitch deploy while the service works.
 *
 * A change takes locks that a payment's transaction may hold, and two that wait for each other
 * are a deadlock. A change waits half as long as a worker does (pg_connection.c:
 * lock_timeout=1s), so it is always the change that gives way: PostgreSQL undoes it as a whole,
 * the workers go on, and it is tried again after a pause. Each change is one transaction, so
 * nothing is half done in between.
 */
#include "admin_migrate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TIMEOUT "500ms"
#define TRIES_MAX    60
#define PAUSE_MS     1000

/* As psql prints them with VERBOSITY=verbose, whatever language its messages have. */
static bool tells_of_locks(const char *line)
{
    return strstr(line, " 55P03: ") != NULL         /* lock_timeout */
        || strstr(line, " 40P01: ") != NULL;        /* deadlock */
}

__attribute__((noreturn)) static void become_sqitch(int errors)
{
    char *deploy[] = { "sqitch", "deploy", "--verify", "--mode", "change", "--set",
                       "VERBOSITY=verbose", "db:pg:", NULL };

    dup2(errors, STDERR_FILENO);
    execvp("sqitch", deploy);
    fprintf(stderr, "payapi-admin: sqitch: %s: install sqitch and libdbd-pg-perl\n",
            strerror(errno));
    _exit(EX_UNAVAILABLE);
}

/* Passes sqitch's complaints on. True when one of them is about a lock. */
static bool pass_on(int errors)
{
    FILE *lines = fdopen(errors, "r");
    char line[4096];
    bool locked = false;

    while (lines != NULL && fgets(line, sizeof(line), lines) != NULL) {
        locked = locked || tells_of_locks(line);
        fputs(line, stderr);
    }
    if (lines != NULL)
        fclose(lines);
    return locked;
}

static int status_of(pid_t sqitch)
{
    int status;

    while (waitpid(sqitch, &status, 0) < 0)
        if (errno != EINTR)
            return EX_OSERR;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

static int no_process(void)
{
    fprintf(stderr, "payapi-admin: sqitch: %s\n", strerror(errno));
    return EX_OSERR;
}

static int deploy_once(bool *locked_out)
{
    int errors[2];
    int status;
    pid_t sqitch;

    fflush(NULL);
    if (pipe(errors) != 0)
        return no_process();
    sqitch = fork();
    if (sqitch < 0) {
        status = no_process();
        close(errors[0]);
        close(errors[1]);
        return status;
    }
    if (sqitch == 0) {
        close(errors[0]);
        become_sqitch(errors[1]);
    }
    close(errors[1]);
    *locked_out = pass_on(errors[0]);
    return status_of(sqitch);
}

static void wait_for_quiet(int try)
{
    struct timespec pause = { PAUSE_MS / 1000, PAUSE_MS % 1000 * 1000000 };

    fprintf(stderr, "payapi-admin: the locks were not free within " LOCK_TIMEOUT
            "; nothing of this change was done; try %d of %d follows\n", try + 1, TRIES_MAX);
    nanosleep(&pause, NULL);
}

/* For psql and for sqitch's own connection. The settings of DATABASE_URL stay in front. */
static void limit_waiting(void)
{
    const char *options = getenv("PGOPTIONS");
    char all[4096];

    snprintf(all, sizeof(all), "%s -c lock_timeout=" LOCK_TIMEOUT, options != NULL ? options : "");
    setenv("PGOPTIONS", all, 1);
}

int migrate_deploy(void)
{
    limit_waiting();
    for (int try = 1;; try++) {
        bool locked = false;
        int status = deploy_once(&locked);

        if (status == 0 || !locked)
            return status;
        if (try == TRIES_MAX) {
            fputs("payapi-admin: somebody holds locks for too long (pg_stat_activity shows who):"
                  " run payapi-admin migrate again later\n", stderr);
            return EX_TEMPFAIL;
        }
        wait_for_quiet(try);
    }
}
