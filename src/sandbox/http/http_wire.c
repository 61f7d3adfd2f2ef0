/* Writes half an answer to the socket, or resets it. */
#include "http_wire.h"

#include <poll.h>
#include <sys/socket.h>

#include "sandbox/kit/strbuf.h"

#define SEND_TIMEOUT_MS 1000

void http_wire_reset(int socket)
{
    struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

    connect(socket, &nowhere, sizeof nowhere);  /* Linux: dissolves the association by RST */
}

/* The socket does not block; a peer that reads nothing for a second gets no more. */
static void send_all(int socket, const char *bytes, size_t count)
{
    while (count > 0) {
        struct pollfd writable = { .fd = socket, .events = POLLOUT };
        ssize_t       sent = send(socket, bytes, count, MSG_NOSIGNAL);

        if (sent <= 0 && poll(&writable, 1, SEND_TIMEOUT_MS) != 1)
            break;
        if (sent > 0) {
            bytes += sent;
            count -= (size_t) sent;
        }
    }
    shutdown(socket, SHUT_RDWR);
}

static void add_head(struct strbuf *wire, const struct http_response *response)
{
    strbuf_addf(wire, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
                response->status, http_reason(response->status), response->content_type,
                response->body_bytes);
    for (size_t i = 0; i < response->header_count; i++)
        strbuf_addf(wire, "%s: %s\r\n", response->headers[i].name, response->headers[i].value);
    strbuf_add(wire, "\r\n");
}

void http_wire_send_half_head(int socket, const struct http_response *response)
{
    struct strbuf wire = { 0 };

    /* Before Content-Length: for some clients that is a whole answer with an empty body. */
    strbuf_addf(&wire, "HTTP/1.1 %d %s\r\nContent-Type: appli", response->status,
                http_reason(response->status));
    send_all(socket, wire.bytes, wire.length_bytes);
    strbuf_free(&wire);
}

void http_wire_send_half_body(int socket, const struct http_response *response)
{
    struct strbuf wire = { 0 };

    add_head(&wire, response);
    strbuf_add_bytes(&wire, response->body, response->body_bytes / 2);
    send_all(socket, wire.bytes, wire.length_bytes);
    strbuf_free(&wire);
}
