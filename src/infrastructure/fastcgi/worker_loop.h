/*
 * worker_loop.h - a worker: one request after the other until it is told to stop.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_WORKER_LOOP_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_WORKER_LOOP_H

#include "infrastructure/api/api.h"

enum worker_database {
    DATABASE_FITS,              /* connected, and every statement could be prepared */
    DATABASE_AWAY,              /* no connection now: passes by itself */
    DATABASE_FOREIGN            /* statements and schema do not fit together: does not pass */
};

/* One attempt to connect, as a worker makes it. Logs why it failed. */
enum worker_database worker_try_database(const struct api *api);

/*
 * Serves fd 0. Returns the exit status: 0 after SIGTERM (the request under way is finished first) or
 * when about recycle_after requests are done; else the connection to the web server broke down, or
 * schema and program do not fit together.
 */
int worker_loop(const struct api *api, int recycle_after);

#endif
