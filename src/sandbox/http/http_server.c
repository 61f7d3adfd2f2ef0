/* The server on libmicrohttpd: reads requests, delivers answers. */
#include "http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_wire.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"

#define CONNECTIONS_MAX    2000
#define IDLE_TIMEOUT_S     300
#define THREAD_STACK_BYTES (512 * 1024)

struct http_server {
    struct MHD_Daemon *daemon;
    http_handler      *handler;
    void              *with;
    uint16_t           port;
};

/* One request while it is being read; MHD carries it from call to call. */
struct reading {
    char       *path;           /* as sent, cut at '?' */
    const char *query;          /* after the '?' */
    struct strbuf body;
    bool        has_begun;
    bool        is_too_large;
};

/* MHD calls this first, with the request's target before any decoding. */
static void *begin_reading(void *with, const char *target, struct MHD_Connection *connection)
{
    struct reading *reading = alloc_new(1, sizeof *reading);
    char           *mark;

    (void) with;
    (void) connection;
    reading->path = alloc_dup(target);
    mark = strchr(reading->path, '?');
    reading->query = "";
    if (mark != NULL) {
        *mark = '\0';
        reading->query = mark + 1;
    }
    return reading;
}

static void end_reading(void *with, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode code)
{
    struct reading *reading = *state;

    (void) with;
    (void) connection;
    (void) code;
    if (reading == NULL)
        return;
    strbuf_free(&reading->body);
    free(reading->path);
    free(reading);
    *state = NULL;
}

/*
 * A copy without trailing blanks, which are not part of the value (RFC 9110 section 5.5):
 * libmicrohttpd 1.0 removes them, 0.9 does not. NULL when the header is absent.
 */
static char *header(struct MHD_Connection *connection, const char *name)
{
    char  *value = alloc_dup(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
    size_t length = value == NULL ? 0 : strlen(value);

    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        value[--length] = '\0';
    return value;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct http_response *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->body_bytes, answer->body, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result      result;

    answer->body = NULL;                        /* MHD frees it */
    MHD_add_response_header(response, "Content-Type", answer->content_type);
    for (size_t i = 0; i < answer->header_count; i++)
        MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value);
    result = MHD_queue_response(connection, (unsigned) answer->status, response);
    MHD_destroy_response(response);
    return result;
}

/* Delivers the answer or breaks the connection: MHD_NO makes MHD close it without an answer. */
static enum MHD_Result deliver(struct MHD_Connection *connection, struct http_response *answer)
{
    int socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

    switch (answer->delivery) {
    case HTTP_DELIVER:     return send_answer(connection, answer);
    case HTTP_LOSE:        return MHD_NO;
    case HTTP_RESET:       http_wire_reset(socket);               return MHD_NO;
    case HTTP_CUT_HEADERS: http_wire_send_half_head(socket, answer); return MHD_NO;
    case HTTP_CUT_BODY:    http_wire_send_half_body(socket, answer); return MHD_NO;
    }
    return MHD_NO;
}

static enum MHD_Result answer(struct http_server *server, struct MHD_Connection *connection,
                              const char *method, const struct reading *reading)
{
    char *authorization = header(connection, "Authorization");
    char *idempotency_key = header(connection, "Idempotency-Key");
    char *api_version = header(connection, "Stripe-Version");
    struct exchange exchange = { .request = {
        .method = method,
        .path = reading->path,
        .query = reading->query,
        .body = reading->body.bytes == NULL ? "" : reading->body.bytes,
        .body_bytes = reading->body.length_bytes,
        .authorization = authorization,
        .idempotency_key = idempotency_key,
        .api_version = api_version,
    } };
    enum MHD_Result result;

    if (reading->is_too_large)
        http_answer(&exchange.response, 413, "text/plain; charset=utf-8",
                    alloc_dup("The request body is too large.\n"));
    else
        server->handler(server->with, &exchange);
    result = deliver(connection, &exchange.response);
    http_response_free(&exchange.response);
    free(authorization);
    free(idempotency_key);
    free(api_version);
    return result;
}

/* Called with the head, with each part of the body, and once more at the end. */
static enum MHD_Result on_request(void *with, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **state)
{
    struct reading *reading = *state;

    (void) url;
    (void) version;
    if (!reading->has_begun) {
        reading->has_begun = true;
        return MHD_YES;
    }
    if (*upload_bytes > 0) {
        if (reading->body.length_bytes + *upload_bytes > HTTP_BODY_BYTES_MAX)
            reading->is_too_large = true;
        else
            strbuf_add_bytes(&reading->body, upload, *upload_bytes);
        *upload_bytes = 0;
        return MHD_YES;
    }
    return answer(with, connection, method, reading);
}

static bool parse_loopback(const char *ip, uint16_t port, struct sockaddr_in *address_out)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

    if (inet_pton(AF_INET, ip, &address.sin_addr) != 1 ||
        ntohl(address.sin_addr.s_addr) >> 24 != 127)
        return false;
    *address_out = address;
    return true;
}

struct http_server *http_server_start(const char *ip, uint16_t port, http_handler *handler,
                                      void *with, char *why_out, size_t size_bytes)
{
    struct sockaddr_in  address;
    struct http_server *server;

    if (!parse_loopback(ip, port, &address)) {
        snprintf(why_out, size_bytes, "%s is not a loopback address (127.0.0.0/8).", ip);
        return NULL;
    }
    server = alloc_new(1, sizeof *server);
    server->handler = handler;
    server->with = with;
    server->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, port,
        NULL, NULL, on_request, server,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *) &address,
        MHD_OPTION_URI_LOG_CALLBACK, begin_reading, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, end_reading, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned) CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) IDLE_TIMEOUT_S,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t) THREAD_STACK_BYTES,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
    if (server->daemon == NULL) {
        snprintf(why_out, size_bytes, "cannot listen on %s:%u: %s", ip, port, strerror(errno));
        free(server);
        return NULL;
    }
    server->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return server;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_stop(struct http_server *server)
{
    MHD_stop_daemon(server->daemon);
    free(server);
}
