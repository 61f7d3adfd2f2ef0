/*
 * arrival.h - the next request: its connection, accepted, and its first bytes, awaited.
 *
 * libfcgi would accept by itself, wait for the first bytes, and not notice a caller that has left.
 * Here one poll() answers all questions that come before a request is read.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_ARRIVAL_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_ARRIVAL_H

#include <fcgiapp.h>
#include <stdbool.h>

#define ARRIVAL_WAIT_MS 2000            /* nginx sends a request as soon as it has connected */

enum arrival {
    ARRIVAL_REQUEST,                    /* it begins to arrive */
    ARRIVAL_GONE,                       /* nginx has answered for us (504) or given up */
    ARRIVAL_SILENT                      /* nothing came: whoever that is must not hold a worker */
};

/* From the listening socket. -1 with errno: EINTR when a signal came. */
int arrival_accept(int listener);

/*
 * What comes on the connection. other: another descriptor that is looked at in passing, or -1;
 * *other_is_quiet_out says whether nothing can be read from it.
 */
enum arrival arrival_await(int connection, int other, bool *other_is_quiet_out);

/*
 * Has libfcgi read the request's head from this connection, which it then owns. False: it was no
 * FastCGI request, and the connection is closed. fcgx: of FCGX_InitRequest with the socket -1.
 */
bool arrival_read(FCGX_Request *fcgx, int connection);

#endif
