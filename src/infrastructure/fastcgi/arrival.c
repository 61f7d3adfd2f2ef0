#include <config.h>                         /* _GNU_SOURCE: POLLRDHUP, accept4 */

#include "infrastructure/fastcgi/arrival.h"

#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>

#include "infrastructure/clock.h"

int arrival_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

/* Zero: the time is up. An interrupted wait goes on: the caller has a request for us. */
static int poll_until(struct pollfd *watched, nfds_t count, int64_t until_ms)
{
    int ready;

    do {
        int64_t left_ms = until_ms - clock_monotonic_ms();

        ready = poll(watched, count, left_ms > 0 ? (int) left_ms : 0);
    } while (ready < 0 && clock_monotonic_ms() < until_ms);
    return ready;
}

enum arrival arrival_await(int connection, int other, bool *other_is_quiet_out)
{
    struct pollfd watched[] = {
        { .fd = connection, .events = POLLIN | POLLRDHUP },
        { .fd = other, .events = POLLIN },      /* poll() ignores a negative one */
    };
    int64_t until_ms = clock_monotonic_ms() + ARRIVAL_WAIT_MS;
    int ready = poll_until(watched, 2, until_ms);

    *other_is_quiet_out = watched[1].revents == 0;
    if (ready > 0 && watched[0].revents == 0)
        ready = poll_until(watched, 1, until_ms);
    if (ready <= 0)
        return ARRIVAL_SILENT;
    return watched[0].revents == POLLIN ? ARRIVAL_REQUEST : ARRIVAL_GONE;
}

/*
 * libfcgi accepts only when it has no connection. It takes ours for one that the request before
 * kept open. Its own listening socket is -1, so that it accepts none after a bad one.
 * Source: libfcgi 2.4.2 and 2.4.5, fcgiapp.c, FCGX_Accept_r.
 */
bool arrival_read(FCGX_Request *fcgx, int connection)
{
    fcgx->ipcFd = connection;
    fcgx->keepConnection = 1;
    return FCGX_Accept_r(fcgx) == 0;
}
