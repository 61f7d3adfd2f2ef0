/*
 * fault.h - named points where a test lets the program die, fail, wait or lose its database.
 *
 * Without --enable-fault-points nothing of this is compiled: a point is then the constant
 * FAULT_NONE, and ./dev test proves that the release holds no trace of one.
 *
 * A test arms a running program by writing lines into the file that PAYAPI_FAULT_FILE names:
 *
 *     checkout.after_intent:1:kill        the first process that comes by dies (SIGKILL)
 *     commit.before:3:error               the third one to come by fails
 *     webhook.stored:1:drop_db            its connection to PostgreSQL is shut down
 *     answer.before:2:delay_ms=500        it waits
 *
 * Any number of processes may come by; a line is taken by exactly one of them, and then it is gone
 * from the file. What is still there was never reached.
 */
#ifndef PAYAPI_BASE_FAULT_H
#define PAYAPI_BASE_FAULT_H

#include "config.h"

enum fault {
    FAULT_NONE,                 /* go on; also after a delay */
    FAULT_ERROR,                /* fail here, as this function can */
    FAULT_DROP_DB               /* the connection is shut down already; go on and meet that */
};

#ifdef FAULT_POINTS
#define FAULT_HERE(name) fault_point_hit(name)

enum fault fault_point_hit(const char *name);
/* What drop_db does: given by whoever owns the connection. */
void fault_on_drop_db(void (*drop)(void *owner), void *owner);
#else
#define FAULT_HERE(name) (FAULT_NONE)
#endif

#endif
