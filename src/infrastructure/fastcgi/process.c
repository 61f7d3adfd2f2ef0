/* Hardens, names and measures the running process. */
#include <config.h>

#include "infrastructure/fastcgi/process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

void process_harden(void)
{
    const struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
    (void) signal(SIGXFSZ, SIG_IGN);  /* a file that may not grow must not kill us */
#ifndef SANITIZERS                              /* the leak checker must be able to trace us */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

void process_set_title(const char *title)
{
    prctl(PR_SET_NAME, title, 0, 0, 0);
}

bool process_die_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    return getppid() == parent;
}

bool process_has_listener(void)
{
    int listens = 0;
    socklen_t size = sizeof(listens);

    return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens;
}

static char *search_path(struct arena *arena, const char *name)
{
    char *rest = arena_strdup(arena, getenv("PATH")), *folder;

    while (rest != NULL && (folder = strsep(&rest, ":")) != NULL) {
        char *path = arena_printf(arena, "%s/%s", folder, name);

        if (*folder == '/' && access(path, X_OK) == 0)
            return path;
    }
    return arena_strdup(arena, name);
}

char *process_path(struct arena *arena, const char *argv0)
{
    char folder[PATH_MAX];

    if (*argv0 == '/')
        return arena_strdup(arena, argv0);
    if (strchr(argv0, '/') == NULL)
        return search_path(arena, argv0);
    if (getcwd(folder, sizeof(folder)) == NULL)
        return arena_strdup(arena, argv0);
    return arena_printf(arena, "%s/%s", folder, argv0);
}

int process_open_memory(void)
{
    return open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

int64_t process_private_bytes(int descriptor)
{
    char text[128];
    ssize_t size = pread(descriptor, text, sizeof(text) - 1, 0);
    int64_t resident_pages, shared_pages;

    if (size <= 0)
        return 0;
    text[size] = '\0';
    if (sscanf(text, "%*d %" SCNd64 " %" SCNd64, &resident_pages, &shared_pages) != 2)
        return 0;
    return (resident_pages - shared_pages) * sysconf(_SC_PAGESIZE);
}
