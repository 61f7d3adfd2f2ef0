/* Reads which fault a test asked for, and carries it out. */
#include "base/fault.h"

#ifdef FAULT_POINTS

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define FAULT_FILE_BYTES_MAX 8192
#define FAULT_ACTION_MAX     32

static void (*drop_db)(void *owner);
static void *owner_of_db;

void fault_on_drop_db(void (*drop)(void *owner), void *owner)
{
    drop_db = drop;
    owner_of_db = owner;
}

/* --- Taking a line out of the file --------------------------------------------------------- */

struct armed {
    char lines[FAULT_FILE_BYTES_MAX + 1];
    char rest[FAULT_FILE_BYTES_MAX + 64];       /* the file afterwards */
    char action[FAULT_ACTION_MAX];              /* "" unless a line was taken */
};

/* A "name:nth:action" line of this point is taken or counted down; all other lines are kept. */
static void take_line(struct armed *armed, const char *line, const char *name)
{
    size_t name_size = strlen(name), used = strlen(armed->rest);
    char action[FAULT_ACTION_MAX] = "";
    int nth = 0;
    bool is_mine = armed->action[0] == '\0' && strncmp(line, name, name_size) == 0
        && sscanf(line + name_size, ":%d:%31s", &nth, action) == 2;

    if (is_mine && nth <= 1)
        memcpy(armed->action, action, sizeof(action));
    else if (is_mine)
        snprintf(armed->rest + used, sizeof(armed->rest) - used, "%s:%d:%s\n", name, nth - 1,
                 action);
    else
        snprintf(armed->rest + used, sizeof(armed->rest) - used, "%s\n", line);
}

static void take_lines(struct armed *armed, const char *name)
{
    char *next = NULL;

    for (char *line = strtok_r(armed->lines, "\n", &next); line != NULL;
         line = strtok_r(NULL, "\n", &next))
        take_line(armed, line, name);
}

/* The lock lets only one process at a time read and write; it ends with the descriptor. */
static void take_from(int file, struct armed *armed, const char *name)
{
    ssize_t size;

    if (flock(file, LOCK_EX) != 0)
        return;
    size = pread(file, armed->lines, FAULT_FILE_BYTES_MAX, 0);
    if (size <= 0)
        return;
    take_lines(armed, name);
    size = (ssize_t) strlen(armed->rest);
    if (pwrite(file, armed->rest, (size_t) size, 0) != size || ftruncate(file, size) != 0)
        abort();                                /* a fault that fires twice would prove nothing */
}

static void take(struct armed *armed, const char *name)
{
    const char *path = getenv("PAYAPI_FAULT_FILE");
    int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (file < 0)
        return;
    take_from(file, armed, name);
    close(file);
}

/* --- Carrying it out ----------------------------------------------------------------------- */

static void wait_ms(long ms)
{
    struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

    while (nanosleep(&left, &left) != 0)
        continue;
}

static enum fault strike(const char *action)
{
    long ms;

    if (strcmp(action, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(action, "error") == 0)
        return FAULT_ERROR;
    if (strcmp(action, "drop_db") == 0 && drop_db != NULL) {
        drop_db(owner_of_db);
        return FAULT_DROP_DB;
    }
    if (sscanf(action, "delay_ms=%ld", &ms) == 1)
        wait_ms(ms);
    return FAULT_NONE;
}

enum fault fault_point_hit(const char *name)
{
    struct armed armed = { .action = "" };

    take(&armed, name);
    if (armed.action[0] == '\0')
        return FAULT_NONE;
    log_event(LOG_LEVEL_WARN, "fault_point", LOG_TEXT("point", name),
              LOG_TEXT("action", armed.action));
    return strike(armed.action);
}

#endif
