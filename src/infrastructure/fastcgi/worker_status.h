/*
 * worker_status.h - what a worker tells its master, in memory that both see. No locks: one writes,
 * one reads.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_WORKER_STATUS_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_WORKER_STATUS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum activity {
    ACTIVITY_STARTING,                  /* the database was not tried yet */
    ACTIVITY_IDLE,
    ACTIVITY_BUSY                       /* with a request */
};

struct worker_status {
    _Atomic int     activity;
    _Atomic int64_t since_ms;           /* monotonic: when the worker last said so */
};

/* One for each worker, for the life of the process and its children. Aborts without memory. */
struct worker_status *worker_status_new_table(int count);

void worker_status_say(struct worker_status *status, enum activity activity);

/* True of a worker that is not idle and has reported nothing for longer than that. */
bool worker_status_is_stale(const struct worker_status *status, int64_t now_ms, int64_t limit_ms);

#endif
