/*
 * sandbox_clock.h - the sandbox's time, which a test can advance, and sleeps that can be ended.
 *
 * Sandbox time is wall time plus the offset. Thread-safe.
 */
#ifndef PAYAPI_SANDBOX_KIT_SANDBOX_CLOCK_H
#define PAYAPI_SANDBOX_KIT_SANDBOX_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct sandbox_clock;

struct sandbox_clock *sandbox_clock_new(void);
void sandbox_clock_free(struct sandbox_clock *clock);

/* Unix time in seconds, moved by sandbox_clock_advance. */
int64_t sandbox_clock_now_s(struct sandbox_clock *clock);
void sandbox_clock_advance(struct sandbox_clock *clock, int64_t seconds);

/* How far it has been moved. */
int64_t sandbox_clock_offset_s(struct sandbox_clock *clock);
void sandbox_clock_reset(struct sandbox_clock *clock);

/* Wall time, never moved: the time in webhook signatures. */
int64_t sandbox_clock_wall_s(void);

/* Milliseconds that only grow; for durations and back-off. */
int64_t sandbox_clock_monotonic_ms(void);

/* Sleeps, unless woken or stopped meanwhile. */
void sandbox_clock_sleep_ms(struct sandbox_clock *clock, int64_t duration_ms);

/* Ends every sleep under way. */
void sandbox_clock_wake_sleepers(struct sandbox_clock *clock);

/* Ends every sleep, now and in future; sandbox_clock_is_stopped is true from now on. */
void sandbox_clock_stop(struct sandbox_clock *clock);
bool sandbox_clock_is_stopped(struct sandbox_clock *clock);

#endif
