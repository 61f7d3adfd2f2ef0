/*
 * clock.h - the sandbox's time, which a test may move forward, and sleep that can be ended.
 *
 * Sandbox time is wall time plus the offset. Thread-safe.
 */
#ifndef SANDBOX_CLOCK_H
#define SANDBOX_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock;

struct clock *clock_new(void);
void clock_free(struct clock *clock);

/* Unix time in seconds, moved by clock_advance. */
int64_t clock_now_s(struct clock *clock);
void clock_advance(struct clock *clock, int64_t seconds);

/* How far it has been moved. */
int64_t clock_offset_s(struct clock *clock);
void clock_reset(struct clock *clock);

/* Wall time, never moved: what webhook signatures carry. */
int64_t clock_wall_s(void);

/* Milliseconds that only grow; for durations and back-off. */
int64_t clock_monotonic_ms(void);

/* Sleeps, unless woken or stopped meanwhile. */
void clock_sleep_ms(struct clock *clock, int64_t duration_ms);

/* Ends every sleep under way. */
void clock_wake_sleepers(struct clock *clock);

/* Ends every sleep, those to come too; clock_is_stopped is true from now on. */
void clock_stop(struct clock *clock);
bool clock_is_stopped(struct clock *clock);

#endif
