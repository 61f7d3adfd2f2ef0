/*
 * fault.h - named points where a test makes the program die, fail, wait or lose its database.
 *
 * Without --enable-fault-points nothing of this is compiled: a point is then the constant
 * FAULT_NONE, and ./dev test proves that the release holds no trace of one.
 *
 * A test arms a running program by writing lines into the file that PAYAPI_FAULT_FILE names:
 *
 *     checkout.after_intent:1:kill        the first process to reach it dies (SIGKILL)
 *     commit.before:3:error               the third one to reach it fails
 *     webhook.stored:1:drop_db            its connection to PostgreSQL is shut down
 *     answer.before:2:delay_ms=500        it waits
 *
 * Any number of processes may reach a point. Exactly one of them takes a line and removes it from
 * the file, so the lines that are left were never reached.
 */
#ifndef PAYAPI_BASE_FAULT_H
#define PAYAPI_BASE_FAULT_H

#include "config.h"

enum fault {
    FAULT_NONE,                 /* go on; also after a delay */
    FAULT_ERROR,                /* fail here, in this function's own way */
    FAULT_DROP_DB               /* the connection is shut down already; continue */
};

#ifdef FAULT_POINTS
#define FAULT_HERE(name) fault_point_hit(name)

enum fault fault_point_hit(const char *name);
/* Sets what drop_db does; called by the owner of the connection. */
void fault_on_drop_db(void (*drop)(void *owner), void *owner);
#else
#define FAULT_HERE(name) (FAULT_NONE)
#endif

#endif
