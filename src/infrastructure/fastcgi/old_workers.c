#include "old_workers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define VARIABLE "PAYAPI_WORKERS_BEFORE"

void elders_add(struct elders *elders, pid_t pid)
{
    if (elders->count < ELDERS_MAX && pid > 0)
        elders->pids[elders->count++] = pid;
}

bool elders_remove(struct elders *elders, pid_t pid)
{
    for (int i = 0; i < elders->count; i++)
        if (elders->pids[i] == pid) {
            elders->pids[i] = elders->pids[--elders->count];
            return true;
        }
    return false;
}

void elders_signal(const struct elders *elders, int signal)
{
    for (int i = 0; i < elders->count; i++)
        kill(elders->pids[i], signal);
}

void elders_announce(const struct elders *elders)
{
    static char text[ELDERS_MAX * 12];
    size_t size = 0;

    text[0] = '\0';
    for (int i = 0; i < elders->count; i++)
        size += (size_t) snprintf(text + size, sizeof(text) - size, "%d ", (int) elders->pids[i]);
    setenv(VARIABLE, text, 1);
}

void elders_adopt(struct elders *elders_out)
{
    char *rest = getenv(VARIABLE), *end;

    *elders_out = (struct elders) { .count = 0 };
    for (; rest != NULL && *rest != '\0'; rest = end) {
        elders_add(elders_out, (pid_t) strtol(rest, &end, 10));
        if (end == rest)
            break;
        end += *end == ' ';
    }
    unsetenv(VARIABLE);
}
