/*
 * clock.h - the two clocks of the system. Only the edges of a program read them.
 */
#ifndef PAYAPI_INFRASTRUCTURE_CLOCK_H
#define PAYAPI_INFRASTRUCTURE_CLOCK_H

#include <stdint.h>

int64_t clock_now_ms(void);             /* Unix time: what is written down */
int64_t clock_monotonic_ms(void);       /* never jumps: durations and deadlines */
int64_t clock_monotonic_us(void);       /* the same, for what takes less than a millisecond */

#endif
