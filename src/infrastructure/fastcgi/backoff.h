/*
 * backoff.h - how long to wait before a worker that ended is replaced. Pure.
 *
 * A worker that ended on purpose, or lived long, is replaced at once. One that dies young makes the
 * next one wait, twice as long each time up to a limit; but there is always a next one.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_BACKOFF_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_FIRST_MS  100
#define BACKOFF_MAX_MS    5000
#define BACKOFF_FORGET_MS 10000         /* a worker that lived so long resets the delay */

struct backoff {
    int delay_ms;                       /* of the last start; zero to begin with */
};

int backoff_next_ms(struct backoff *backoff, int64_t lived_ms, bool on_purpose);

#endif
