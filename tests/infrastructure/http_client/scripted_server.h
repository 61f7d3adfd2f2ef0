/*
 * scripted_server.h - an HTTP server on the loopback that does exactly what a test tells it.
 *
 * It plays its script once in a thread of its own. Afterwards it goes on to accept and read
 * whatever comes, without answering, so that a request that is repeated does not go unseen.
 */
#ifndef PAYAPI_TESTS_SCRIPTED_SERVER_H
#define PAYAPI_TESTS_SCRIPTED_SERVER_H

#include <stddef.h>

#define SERVER_REQUESTS_MAX      8
#define SERVER_REQUEST_BYTES_MAX 8192

enum step_kind {
    STEP_END,
    STEP_ACCEPT,                /* the next connection */
    STEP_READ,                  /* a whole request */
    STEP_SAY,                   /* text, as it is */
    STEP_FLOOD,                 /* count times text */
    STEP_DRIBBLE,               /* text, a byte each 50 ms, until the client goes */
    STEP_CLOSE,                 /* with FIN */
    STEP_RESET,                 /* with RST */
    STEP_LEAVE,                 /* closes, and takes no other connection */
    STEP_HANG                   /* until the server is stopped */
};

struct step {
    enum step_kind kind;
    const char    *text;
    int            count;
};

struct scripted_server;

/* script ends with STEP_END and outlives the server. */
struct scripted_server *server_start(const struct step *script);
/* Waits for the thread. What it saw can be asked until server_free. */
void        server_stop(struct scripted_server *server);
void        server_free(struct scripted_server *server);

/* "http://127.0.0.1:PORT", with another scheme on request. */
const char *server_url(struct scripted_server *server, const char *scheme);

/* After server_stop. */
int         server_connection_count(const struct scripted_server *server);
int         server_request_count(const struct scripted_server *server);
const char *server_request(const struct scripted_server *server, int index);

#endif
