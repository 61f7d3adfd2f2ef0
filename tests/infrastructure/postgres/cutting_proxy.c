#define _GNU_SOURCE                     /* memmem */
#include "cutting_proxy.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct {
    pthread_t   thread;
    int         listener;
    char        folder[64];
    char        url[256];
    atomic_int  cut;
    atomic_bool stopping;
} proxy;

static struct sockaddr_un address_in(const char *folder)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", folder);
    return address;
}

static int connect_to_server(void)
{
    struct sockaddr_un address = address_in(getenv("PAYAPI_TEST_CLUSTER"));
    int server = socket(AF_UNIX, SOCK_STREAM, 0);

    if (connect(server, (struct sockaddr *) &address, sizeof(address)) != 0)
        abort();
    return server;
}

static bool send_all(int to, const char *bytes, ssize_t size)
{
    return send(to, bytes, (size_t) size, MSG_NOSIGNAL) == size;
}

static bool holds(const char *bytes, ssize_t size, const char *word)
{
    return memmem(bytes, (size_t) size, word, strlen(word) + 1) != NULL;
}

/* False: the wire ends here. */
static bool pass_to_server(int server, const char *bytes, ssize_t size)
{
    if (atomic_load(&proxy.cut) == CUT_BEFORE_COMMIT && holds(bytes, size, "transaction_commit")) {
        atomic_store(&proxy.cut, CUT_NOTHING);
        return false;
    }
    return send_all(server, bytes, size);
}

static bool pass_to_worker(int worker, const char *bytes, ssize_t size)
{
    if (atomic_load(&proxy.cut) == CUT_AFTER_COMMIT && holds(bytes, size, "COMMIT")) {
        atomic_store(&proxy.cut, CUT_NOTHING);
        return false;
    }
    return send_all(worker, bytes, size);
}

static bool pass(int from, int to, bool (*forward)(int to, const char *bytes, ssize_t size))
{
    static char bytes[1 << 16];
    ssize_t size = recv(from, bytes, sizeof(bytes), 0);

    return size > 0 && forward(to, bytes, size);
}

static void serve(int worker, int server)
{
    struct pollfd ends[] = { { .fd = worker, .events = POLLIN }, { .fd = server, .events = POLLIN } };

    while (!atomic_load(&proxy.stopping)) {
        if (poll(ends, 2, 20) <= 0 || atomic_load(&proxy.cut) == CUT_SILENCE)
            continue;
        if (ends[0].revents != 0 && !pass(worker, server, pass_to_server))
            return;
        if (ends[1].revents != 0 && !pass(server, worker, pass_to_worker))
            return;
    }
}

static void *run(void *nothing)
{
    struct pollfd arrival = { .fd = proxy.listener, .events = POLLIN };

    (void) nothing;
    while (!atomic_load(&proxy.stopping)) {
        int worker;
        int server;

        if (poll(&arrival, 1, 20) <= 0)
            continue;
        worker = accept(proxy.listener, NULL, NULL);
        server = connect_to_server();
        serve(worker, server);
        close(worker);
        close(server);
    }
    return NULL;
}

const char *proxy_start(void)
{
    struct sockaddr_un address;

    snprintf(proxy.folder, sizeof(proxy.folder), "/tmp/payapi-proxy-XXXXXX");
    if (mkdtemp(proxy.folder) == NULL)
        abort();
    address = address_in(proxy.folder);
    proxy.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    atomic_store(&proxy.cut, CUT_NOTHING);
    atomic_store(&proxy.stopping, false);
    if (bind(proxy.listener, (struct sockaddr *) &address, sizeof(address)) != 0
        || listen(proxy.listener, 8) != 0
        || pthread_create(&proxy.thread, NULL, run, NULL) != 0)
        abort();
    snprintf(proxy.url, sizeof(proxy.url), "postgresql://payapi@/payapi_test?host=%s",
             proxy.folder);
    return proxy.url;
}

void proxy_cut(enum cut cut)
{
    atomic_store(&proxy.cut, cut);
}

void proxy_stop(void)
{
    struct sockaddr_un address = address_in(proxy.folder);

    atomic_store(&proxy.stopping, true);
    pthread_join(proxy.thread, NULL);
    close(proxy.listener);
    unlink(address.sun_path);
    rmdir(proxy.folder);
}
