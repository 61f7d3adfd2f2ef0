/*
 * live_server.h - the connections of payapi-stream: libmicrohttpd in one thread, the caller's.
 *
 * A stream that has nothing to send is suspended and costs nothing until live_server_wake. nginx is
 * the only client. Source: libmicrohttpd 0.9.75 manual, external polling with epoll.
 */
#ifndef PAYAPI_INFRASTRUCTURE_LIVE_LIVE_SERVER_H
#define PAYAPI_INFRASTRUCTURE_LIVE_LIVE_SERVER_H

#include "viewers.h"

struct live_server;

/* Beside one for each viewer: the database, the log, epoll, and clients to be refused. */
#define LIVE_DESCRIPTORS_MORE 64

/* listener: a listening socket, which the server owns from now on. NULL: it does not start. */
struct live_server *live_server_start(int listener, struct viewers *viewers);
/* Ends every stream. */
void                live_server_stop(struct live_server *server);

/* Accepts, reads and sends; waits at most timeout_ms when there is nothing to do. */
void live_server_run(struct live_server *server, int timeout_ms);
/* The viewer has something to be sent, or is to end. */
void live_server_wake(struct live_server *server, struct viewer *viewer);

#endif
