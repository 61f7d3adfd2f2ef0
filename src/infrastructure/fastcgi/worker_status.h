/*
 * worker_status.h - what a worker tells its master, in memory that both see. No locks: one writes, one reads.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_NOTE_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_NOTE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum activity {
    ACTIVITY_STARTING,                  /* the database was not tried yet */
    ACTIVITY_IDLE,
    ACTIVITY_BUSY                       /* with a request */
};

struct note {
    _Atomic int     activity;
    _Atomic int64_t since_ms;           /* monotonic: when the worker last said so */
};

/* One for each worker, for the life of the process and its children. Aborts without memory. */
struct note *note_new_table(int count);

void note_say(struct note *note, enum activity activity);

/* True of a worker that has not come forward for longer than that. An idle one waits for its next request. */
bool note_is_stale(const struct note *note, int64_t now_ms, int64_t limit_ms);

#endif
