/* The connections of payapi-stream: libmicrohttpd in one thread, the caller's. */
#include <config.h>                     /* _GNU_SOURCE: EPOLLRDHUP */

#include "live_server.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/metrics.h"
#include "infrastructure/clock.h"

#define CONNECTION_BYTES 4096           /* head of the request, and what is being sent */
#define BLOCK_BYTES      1024
#define REFUSED_MAX      32             /* connections beyond the viewers, to be told 503 */
#define STUCK_S          30             /* a client that takes nothing for that long is dropped */
#define HANGUPS_MAX      64

struct live_server {
    struct MHD_Daemon *daemon;
    struct viewers    *viewers;
    int                epoll;           /* libmicrohttpd's, and each viewer's hang-up */
    bool               has_woken;       /* a connection that libmicrohttpd has not seen yet */
};

/* --- Sending ------------------------------------------------------------------------------- */

static ssize_t send_more(void *of, uint64_t position, char *buffer, size_t room)
{
    struct viewer *viewer = of;
    size_t size;

    (void) position;
    if (viewer->is_gone)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size = viewer_take(viewer, buffer, room);
    if (size > 0)
        return (ssize_t) size;
    if (viewer->is_ending)
        return MHD_CONTENT_READER_END_OF_STREAM;
    viewer->is_asleep = true;
    MHD_suspend_connection(viewer->connection);
    return 0;
}

void live_server_wake(struct live_server *server, struct viewer *viewer)
{
    if (!viewer->is_asleep)
        return;
    viewer->is_asleep = false;
    server->has_woken = true;
    MHD_resume_connection(viewer->connection);
}

/* --- Requests ------------------------------------------------------------------------------ */

/* nginx replaces the answer by the problem document of that status. */
static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL,
                                                                    MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, status, response);

    MHD_destroy_response(response);
    return result;
}

/* nginx passes it on from its inner listener only (nginx/metrics.conf.in). */
static enum MHD_Result answer_metrics(struct MHD_Connection *connection)
{
    struct arena *arena = arena_new();
    struct text text = text_new(arena);
    struct MHD_Response *response;
    enum MHD_Result result;

    metrics_print(&text);
    response = MHD_create_response_from_buffer(text.size, text.data, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    arena_free(arena);
    return result;
}

static int socket_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* A suspended connection is not watched, so its client's hang-up is watched here. */
static void watch_hangup(struct live_server *server, struct MHD_Connection *connection,
                         struct viewer *viewer)
{
    struct epoll_event event = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.ptr = viewer };

    (void) epoll_ctl(server->epoll, EPOLL_CTL_ADD, socket_of(connection), &event);
}

static enum MHD_Result begin_stream(struct live_server *server, struct MHD_Connection *connection,
                                    struct viewer *viewer)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, send_more, viewer, NULL);
    enum MHD_Result result;

    viewer->connection = connection;
    watch_hangup(server, connection, viewer);
    MHD_add_response_header(response, "Content-Type", "text/event-stream");
    MHD_add_response_header(response, "Connection", "close");
    result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *with, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **state)
{
    struct live_server *server = with;
    const int64_t now_ms = clock_monotonic_ms();
    struct handover asked;
    struct viewer *viewer;

    (void) method;                      /* GET or HEAD: the worker refused all others */
    (void) version;
    (void) upload;
    (void) upload_bytes;
    if (*state != NULL)
        return MHD_NO;
    if (strcmp(url, "/metrics") == 0)
        return answer_metrics(connection);
    if (!handover_parse(url, &asked))
        return refuse(connection, MHD_HTTP_NOT_FOUND);
    viewer = viewers_admit(server->viewers, &asked, now_ms);
    if (viewer == NULL)
        return refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE);
    viewer_open(viewer, now_ms);
    *state = viewer;
    return begin_stream(server, connection, viewer);
}

static void on_completed(void *with, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct live_server *server = with;

    (void) code;
    if (*state == NULL)
        return;
    (void) epoll_ctl(server->epoll, EPOLL_CTL_DEL, socket_of(connection), NULL);
    viewers_leave(server->viewers, *state);
    *state = NULL;
}

/* --- The server ---------------------------------------------------------------------------- */

static struct MHD_Daemon *start_daemon(struct live_server *server, int listener)
{
    unsigned connections = (unsigned) (server->viewers->limits.viewers_max + REFUSED_MAX);

    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
                            server, MHD_OPTION_LISTEN_SOCKET, listener,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                            MHD_OPTION_CONNECTION_LIMIT, connections,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) CONNECTION_BYTES,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) STUCK_S, MHD_OPTION_END);
}

static bool watch_daemon(struct live_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    return server->epoll >= 0 && info != NULL
           && epoll_ctl(server->epoll, EPOLL_CTL_ADD, info->epoll_fd, &event) == 0;
}

struct live_server *live_server_start(int listener, struct viewers *viewers)
{
    struct live_server *server = calloc(1, sizeof(*server));

    if (server == NULL)
        abort();                        /* out of memory */
    server->viewers = viewers;
    server->daemon = start_daemon(server, listener);
    if (server->daemon == NULL || !watch_daemon(server)) {
        free(server);
        return NULL;
    }
    return server;
}

/* libmicrohttpd may have work that no event announces, such as a stream that was woken. */
static int wait_at_most(struct live_server *server, int timeout_ms)
{
    MHD_UNSIGNED_LONG_LONG left_ms;

    if (server->has_woken)
        return 0;
    if (MHD_get_timeout(server->daemon, &left_ms) != MHD_YES)
        return timeout_ms;
    return left_ms < (MHD_UNSIGNED_LONG_LONG) timeout_ms ? (int) left_ms : timeout_ms;
}

void live_server_run(struct live_server *server, int timeout_ms)
{
    struct epoll_event events[HANGUPS_MAX];
    int count =
        epoll_wait(server->epoll, events, HANGUPS_MAX, wait_at_most(server, timeout_ms));

    for (int i = 0; i < count; i++) {
        struct viewer *viewer = events[i].data.ptr;

        if (viewer == NULL || !viewer->is_used)
            continue;
        viewer->is_gone = true;
        live_server_wake(server, viewer);
    }
    server->has_woken = false;
    (void) MHD_run(server->daemon);
}

/* libmicrohttpd stops only when no connection is suspended. */
void live_server_stop(struct live_server *server)
{
    for (int i = 0; i < server->viewers->limits.viewers_max; i++) {
        struct viewer *viewer = &server->viewers->all[i];

        viewer->is_ending = true;
        if (viewer->is_used)
            live_server_wake(server, viewer);
    }
    (void) MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    (void) close(server->epoll);
    free(server);
}
