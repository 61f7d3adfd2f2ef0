#include "infrastructure/notify.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "infrastructure/clock.h"

static struct {
    int                fd;              /* 0: no manager asked */
    struct sockaddr_un address;
    socklen_t          address_size;
    int64_t            watchdog_ms;     /* 0: no watchdog */
    int64_t            alive_at_ms;     /* when it was fed last */
} manager;

/* A path, or a name in the abstract namespace, with '@' in place of its leading NUL. */
static bool read_address(const char *name)
{
    size_t size = name != NULL ? strlen(name) : 0;

    if (size < 2 || size >= sizeof(manager.address.sun_path) || (*name != '/' && *name != '@'))
        return false;
    manager.address = (struct sockaddr_un) { .sun_family = AF_UNIX };
    memcpy(manager.address.sun_path, name, size);
    if (*name == '@')
        manager.address.sun_path[0] = '\0';
    manager.address_size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + size);
    return true;
}

/* The variables are set for one process, which need not be this one. */
static int64_t read_watchdog_ms(void)
{
    const char *interval_us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

    if (interval_us == NULL || (pid != NULL && strtol(pid, NULL, 10) != getpid()))
        return 0;
    return strtoll(interval_us, NULL, 10) / 1000;
}

void notify_open(void)
{
    memset(&manager, 0, sizeof(manager));
    if (!read_address(getenv("NOTIFY_SOCKET")))
        return;
    manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    manager.watchdog_ms = read_watchdog_ms();
}

static void tell(const char *state)
{
    if (manager.fd > 0)
        (void) sendto(manager.fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
                      (const struct sockaddr *) &manager.address, manager.address_size);
}

void notify_ready(void)
{
    tell("READY=1");
}

void notify_reloading(void)
{
    char state[64];

    snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long) clock_monotonic_ms() * 1000);
    tell(state);
}

void notify_stopping(void)
{
    tell("STOPPING=1");
}

void notify_alive(void)
{
    int64_t now_ms = clock_monotonic_ms();

    if (manager.watchdog_ms == 0 || now_ms - manager.alive_at_ms < manager.watchdog_ms / 4)
        return;
    manager.alive_at_ms = now_ms;
    tell("WATCHDOG=1");
}
