/*
 * fake_crash.h - the worker dies at its nth step.
 *
 * Every boundary where a real process could be killed and the world would notice (each round trip
 * to the database, before and after its effect; each call of a provider, before, after its effect,
 * after its answer) calls fake_crash_point. A test arms one of them, and comes back through
 * longjmp: nothing after that point has run, and what was not committed is gone.
 */
#ifndef PAYAPI_TESTS_FAKE_CRASH_H
#define PAYAPI_TESTS_FAKE_CRASH_H

#include <setjmp.h>
#include <stdbool.h>

extern jmp_buf fake_crash_landing;

void fake_crash_arm(int nth);           /* 1: the next point */
void fake_crash_disarm(void);
void fake_crash_point(void);

/* Runs statement until the armed crash. True when it came to its end alive. */
#define SURVIVES(nth, statement) \
    (fake_crash_arm(nth), \
     setjmp(fake_crash_landing) == 0 ? ((void) (statement), fake_crash_disarm(), true) : false)

#endif
