/*
 * http_client.h - a client of one HTTP/1.1 server, with one connection that is kept alive.
 *
 * Made for commands that move money: a POST is never sent a second time, a redirect is never
 * followed, and the reply says separately whether anything was sent and whether the answer is
 * complete. TLS is verified. Plain http is allowed to a loopback address only (tests, the sandbox).
 * The connection is opened at the first call, so a client made before fork() is not shared by the
 * children as long as the parent makes no call. Not thread-safe. Making a client sets SIGPIPE to be
 * ignored.
 * Times are milliseconds. Answers live in the arena of the call.
 * Source: docs/platform.md section 6 (behaviour of libcurl 7.88, measured).
 */
#ifndef PAYAPI_INFRASTRUCTURE_HTTP_CLIENT_HTTP_CLIENT_H
#define PAYAPI_INFRASTRUCTURE_HTTP_CLIENT_HTTP_CLIENT_H

#include <stdint.h>

#include "base/arena.h"

#define HTTP_CONNECT_TIMEOUT_MS   3000
#define HTTP_TIMEOUT_MS           10000
#define HTTP_BODY_BYTES_MAX       (4 * 1024 * 1024)     /* an answer: a page of large events */
#define HTTP_HEADER_BYTES_MAX     (64 * 1024)           /* of an answer, all headers together */
#define HTTP_REQUEST_HEADERS_MAX  16
#define HTTP_ASKED_HEADERS_MAX    4
#define HTTP_HEADER_TEXT_MAX      256                   /* of an asked header, with the NUL */

struct http_client;

struct http_client_settings {
    const char *base_url;               /* "https://api.stripe.com", a path may follow */
    int         connect_timeout_ms;     /* 0: HTTP_CONNECT_TIMEOUT_MS */
    int         timeout_ms;             /* of the whole call; 0: HTTP_TIMEOUT_MS */
};

struct http_header {
    const char *name;
    const char *value;                  /* may be a secret: the copy made for sending is wiped */
};

struct http_request {
    const char        *method;          /* "GET" or "POST" */
    const char        *path;            /* "/v1/events?limit=1", appended to the base URL */
    struct http_header headers[HTTP_REQUEST_HEADERS_MAX];
    int                header_count;
    struct bytes       body;            /* of a POST */
    const char        *asked[HTTP_ASKED_HEADERS_MAX];   /* answer headers wanted; NULL ends them */
};

struct http_reply {
    int          status;                /* 0 unless the headers arrived whole */
    struct bytes body;
    bool         sent;                  /* at least one byte of the request may have left us */
    bool         complete;              /* headers and body arrived whole, below the limits */
    bool         timed_out;
    int          retry_after_s;         /* Retry-After, from seconds or a date, as sent; 0 absent */
    const char  *asked[HTTP_ASKED_HEADERS_MAX];         /* their values, "" absent */
    const char  *error;                 /* transport error for the log, "" none; no secret in it */
    int64_t      duration_ms;
};

/*
 * NULL when the base URL is not allowed: it begins with https://, or with http:// and a loopback
 * address (127.0.0.0/8 or [::1], no name), and has no user name, query or fragment.
 */
struct http_client *http_client_new(const struct http_client_settings *settings);
void                http_client_free(struct http_client *client);       /* NULL is fine */

/* Sends once and waits at most timeout_ms. Never returns an error: the reply says what is known. */
void http_client_call(struct http_client *client, struct arena *arena,
                      const struct http_request *request, struct http_reply *reply_out);

#endif
