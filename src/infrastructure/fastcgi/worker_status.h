/*
 * worker_status.h - what a worker tells its master, in shared memory. No locks: one writes, one
 * reads.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_WORKER_STATUS_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_WORKER_STATUS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum activity {
    ACTIVITY_STARTING,                  /* has not tried the database yet */
    ACTIVITY_IDLE,
    ACTIVITY_BUSY                       /* with a request */
};

struct worker_status {
    _Atomic int     activity;
    _Atomic int64_t since_ms;           /* monotonic: when the worker last reported */
};

/* One for each worker, for the life of the process and its children. Aborts without memory. */
struct worker_status *worker_status_new_table(int count);

void worker_status_say(struct worker_status *status, enum activity activity);

/* True of a worker that is not idle and has reported nothing for more than limit_ms. */
bool worker_status_is_stale(const struct worker_status *status, int64_t now_ms, int64_t limit_ms);

#endif
