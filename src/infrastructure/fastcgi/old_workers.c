/* Keeps the old workers over an exec, and ends them when the new ones serve. */
#include "old_workers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define VARIABLE "PAYAPI_WORKERS_BEFORE"

void old_workers_add(struct old_workers *old_workers, pid_t pid)
{
    if (old_workers->count < OLD_WORKERS_MAX && pid > 0)
        old_workers->pids[old_workers->count++] = pid;
}

bool old_workers_remove(struct old_workers *old_workers, pid_t pid)
{
    for (int i = 0; i < old_workers->count; i++)
        if (old_workers->pids[i] == pid) {
            old_workers->pids[i] = old_workers->pids[--old_workers->count];
            return true;
        }
    return false;
}

void old_workers_signal(const struct old_workers *old_workers, int signal)
{
    for (int i = 0; i < old_workers->count; i++)
        kill(old_workers->pids[i], signal);
}

void old_workers_announce(const struct old_workers *old_workers)
{
    static char text[OLD_WORKERS_MAX * 12];
    size_t size = 0;

    text[0] = '\0';
    for (int i = 0; i < old_workers->count; i++)
        size += (size_t) snprintf(text + size, sizeof(text) - size, "%d ",
                                  (int) old_workers->pids[i]);
    setenv(VARIABLE, text, 1);
}

void old_workers_adopt(struct old_workers *old_workers_out)
{
    char *rest = getenv(VARIABLE), *end;

    *old_workers_out = (struct old_workers) { .count = 0 };
    for (; rest != NULL && *rest != '\0'; rest = end) {
        old_workers_add(old_workers_out, (pid_t) strtol(rest, &end, 10));
        if (end == rest)
            break;
        end += *end == ' ';
    }
    unsetenv(VARIABLE);
}
