/*
 * worker_loop.h - a worker: serves one request after another until it is told to stop.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_WORKER_LOOP_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_WORKER_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/log.h"
#include "infrastructure/api/http/api.h"
#include "worker_status.h"

enum worker_database {
    DATABASE_FITS,              /* connected, and the schema is ours */
    DATABASE_AWAY,              /* no connection now: temporary */
    DATABASE_FOREIGN            /* statements and schema do not match: permanent */
};

/* One attempt to connect, as a worker makes it. Logs why it failed. */
enum worker_database worker_try_database(const struct api *api);
/* The same, and every statement must fit the schema: before workers are replaced. */
enum worker_database worker_check_database(const struct api *api);
/*
 * Does the database have room for a reload of this pool, during which both generations are
 * connected for a moment? False: not for twice so many workers, which is logged at that level. True
 * also when it cannot be asked.
 */
bool worker_has_room(const struct api *api, int workers, enum log_level level);

struct worker_life {
    int          pool_size;             /* workers */
    atomic_bool *room_told;             /* the pool's: a worker has checked for room */
    int          recycle_after;         /* requests, about */
    int64_t      memory_max_bytes;      /* private ones, checked every few requests */
    int          memory;                /* of process_open_memory() */
    struct worker_status *status;
};

/*
 * Serves fd 0. Returns the exit status: 0 after SIGTERM (the request under way is finished first)
 * or when its life is over; else the connection to the web server broke down, or schema and program
 * do not match.
 */
int worker_loop(const struct api *api, const struct worker_life *life);

#endif
