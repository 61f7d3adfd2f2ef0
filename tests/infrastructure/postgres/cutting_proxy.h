/*
 * cutting_proxy.h - a wire between a worker and PostgreSQL that can be cut at COMMIT.
 *
 * It stands on a unix socket of its own and passes bytes both ways, in a thread, one connection
 * after the other. What a server will not do on request: lose the connection before COMMIT reached
 * it, or between COMMIT and its answer, or say nothing more at all.
 */
#ifndef PAYAPI_TESTS_CUTTING_PROXY_H
#define PAYAPI_TESTS_CUTTING_PROXY_H

enum cut {
    CUT_NOTHING,
    CUT_BEFORE_COMMIT,          /* the server never hears of it */
    CUT_AFTER_COMMIT,           /* it took effect; the worker never hears of it */
    CUT_SILENCE                 /* from the next byte on nothing comes through, and nothing ends */
};

/* Starts the proxy; gives the URL to connect through. */
const char *proxy_start(void);
/* The next COMMIT (or anything, with CUT_SILENCE) is cut once; then the wire is whole again. */
void        proxy_cut(enum cut cut);
void        proxy_stop(void);

#endif
