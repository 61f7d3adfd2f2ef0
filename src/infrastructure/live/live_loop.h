/*
 * live_loop.h - what payapi-stream does: it asks the database for news and tells its viewers.
 *
 * While it has viewers it asks every LIVE_LOOK_MS, one question for all of them. Nobody notifies
 * it: a NOTIFY in the transactions that move money would make their commits queue. While the
 * database is away the streams stay open.
 */
#ifndef PAYAPI_INFRASTRUCTURE_LIVE_LIVE_LOOP_H
#define PAYAPI_INFRASTRUCTURE_LIVE_LIVE_LOOP_H

#include "live_server.h"

#define LIVE_LOOK_MS      250
#define LIVE_LOOK_MAX_MS  4000          /* while the database is away: less and less often */
#define LIVE_HEARTBEAT_MS 60000         /* a line in the log */

struct live {
    struct store       *store;
    struct live_server *server;
    struct viewers     *viewers;
};

/* Until SIGTERM or SIGINT. The program's exit status. */
int live_loop(const struct live *live);

#endif
