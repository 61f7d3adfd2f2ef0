#define _GNU_SOURCE               /* strcasestr */

#include "infrastructure/http_client/scripted_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct scripted_server {
    const struct step *script;
    pthread_t          thread;
    int                listener;
    int                stop_pipe[2];            /* closed for writing: stop */
    int                connection;              /* -1: none */
    int                port;
    char               url[64];
    int                connection_count;
    int                request_count;
    char               requests[SERVER_REQUESTS_MAX][SERVER_REQUEST_BYTES_MAX];
};

/* True when fd can be read; false when the test wants us to stop. */
static bool wait_readable(struct scripted_server *server, int fd)
{
    struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
                            { .fd = server->stop_pipe[0], .events = POLLIN } };
    int ready = poll(fds, 2, 10000);

    return ready > 0 && (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
}

static bool is_stopped(struct scripted_server *server, int wait_ms)
{
    struct pollfd fd = { .fd = server->stop_pipe[0], .events = POLLIN };

    return poll(&fd, 1, wait_ms) > 0;
}

static void close_connection(struct scripted_server *server)
{
    if (server->connection >= 0)
        close(server->connection);
    server->connection = -1;
}

static bool accept_one(struct scripted_server *server)
{
    close_connection(server);
    if (!wait_readable(server, server->listener))
        return false;
    server->connection = accept(server->listener, NULL, NULL);
    server->connection_count++;
    return server->connection >= 0;
}

static size_t content_length(const char *head)
{
    const char *header = strcasestr(head, "\r\nContent-Length:");

    return header != NULL ? (size_t) atol(header + strlen("\r\nContent-Length:")) : 0;
}

static bool is_whole(const char *request, size_t size)
{
    const char *end = strstr(request, "\r\n\r\n");

    return end != NULL && size >= (size_t) (end + 4 - request) + content_length(request);
}

/* Counts a request only when it arrived whole. */
static bool read_request(struct scripted_server *server)
{
    char *request = server->requests[server->request_count];
    size_t size = 0;
    ssize_t got;

    assert(server->request_count < SERVER_REQUESTS_MAX);
    while (!is_whole(request, size)) {
        if (!wait_readable(server, server->connection))
            return false;
        got = read(server->connection, request + size, SERVER_REQUEST_BYTES_MAX - 1 - size);
        if (got <= 0)
            return false;
        size += (size_t) got;
        request[size] = '\0';
    }
    server->request_count++;
    return true;
}

static bool say(struct scripted_server *server, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(server->connection, text, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        text += sent;
        size -= (size_t) sent;
    }
    return true;
}

static void flood(struct scripted_server *server, const struct step *step)
{
    for (int i = 0; i < step->count; i++)
        if (!say(server, step->text, strlen(step->text)))
            return;
}

static void dribble(struct scripted_server *server, const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (is_stopped(server, 50) || !say(server, c, 1))
            return;
}

static void reset_connection(struct scripted_server *server)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(server->connection, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    close_connection(server);
}

static void leave(struct scripted_server *server)
{
    close(server->listener);
    server->listener = -1;                      /* which poll passes over */
    close_connection(server);
}

static void play(struct scripted_server *server, const struct step *step)
{
    switch (step->kind) {
    case STEP_END:      break;
    case STEP_ACCEPT:   (void) accept_one(server); break;
    case STEP_READ:     (void) read_request(server); break;
    case STEP_SAY:      (void) say(server, step->text, strlen(step->text)); break;
    case STEP_FLOOD:    flood(server, step); break;
    case STEP_DRIBBLE:  dribble(server, step->text); break;
    case STEP_CLOSE:    close_connection(server); break;
    case STEP_RESET:    reset_connection(server); break;
    case STEP_LEAVE:    leave(server); break;
    case STEP_HANG:     (void) is_stopped(server, 10000); break;
    }
}

static void watch(struct scripted_server *server)
{
    if (server->connection >= 0)
        (void) read_request(server);
    while (accept_one(server))
        (void) read_request(server);
    close_connection(server);
}

static void *run(void *argument)
{
    struct scripted_server *server = argument;

    for (const struct step *step = server->script; step->kind != STEP_END; step++)
        play(server, step);
    watch(server);
    return NULL;
}

static void listen_on_loopback(struct scripted_server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(server->listener >= 0);
    if (bind(server->listener, (struct sockaddr *) &address, size) != 0 ||
        listen(server->listener, 8) != 0 ||
        getsockname(server->listener, (struct sockaddr *) &address, &size) != 0)
        abort();
    server->port = ntohs(address.sin_port);
}

struct scripted_server *server_start(const struct step *script)
{
    struct scripted_server *server = calloc(1, sizeof(*server));

    assert(server != NULL);
    server->script = script;
    server->connection = -1;
    listen_on_loopback(server);
    if (pipe(server->stop_pipe) != 0 || pthread_create(&server->thread, NULL, run, server) != 0)
        abort();
    return server;
}

void server_stop(struct scripted_server *server)
{
    usleep(50000);              /* a request that is repeated has the time to arrive */
    close(server->stop_pipe[1]);
    pthread_join(server->thread, NULL);
    if (server->listener >= 0)
        close(server->listener);
    close(server->stop_pipe[0]);
}

void server_free(struct scripted_server *server)
{
    free(server);
}

const char *server_url(struct scripted_server *server, const char *scheme)
{
    snprintf(server->url, sizeof(server->url), "%s://127.0.0.1:%d", scheme, server->port);
    return server->url;
}

int server_connection_count(const struct scripted_server *server)
{
    return server->connection_count;
}

int server_request_count(const struct scripted_server *server)
{
    return server->request_count;
}

const char *server_request(const struct scripted_server *server, int index)
{
    assert(index < server->request_count);
    return server->requests[index];
}
