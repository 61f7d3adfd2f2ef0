/* confined.h - runs a piece of a test in a child that has locked itself in as a worker does. */
#ifndef TESTS_INFRASTRUCTURE_HARDENING_CONFINED_H
#define TESTS_INFRASTRUCTURE_HARDENING_CONFINED_H

#include <stdbool.h>

struct harden_plan;

/*
 * True when step, in the sandbox, returned true. A child that dies by a signal is false; which one it was
 * is in *signal_out (NULL: nobody asks), else 0.
 */
bool confined(bool (*step)(const void *argument), const void *argument, int *signal_out);
/* The same with a plan of one's own. */
bool confined_by(const struct harden_plan *plan, bool (*step)(const void *argument),
                 const void *argument, int *signal_out);

#endif
