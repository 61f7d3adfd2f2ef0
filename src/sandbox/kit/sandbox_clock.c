/* Wall time plus an offset, and a condition variable to sleep on. */
#include "sandbox_clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "alloc.h"

struct sandbox_clock {
    pthread_mutex_t lock;
    pthread_cond_t  woken;
    int64_t         offset_s;
    uint64_t        wakes;              /* grows with each sandbox_clock_wake_sleepers */
    bool            stopped;
};

struct sandbox_clock *sandbox_clock_new(void)
{
    struct sandbox_clock      *clock = alloc_new(1, sizeof *clock);
    pthread_condattr_t monotonic;

    pthread_mutex_init(&clock->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&clock->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return clock;
}

void sandbox_clock_free(struct sandbox_clock *clock)
{
    pthread_cond_destroy(&clock->woken);
    pthread_mutex_destroy(&clock->lock);
    free(clock);
}

static void set_offset(struct sandbox_clock *clock, int64_t offset_s)
{
    pthread_mutex_lock(&clock->lock);
    clock->offset_s = offset_s;
    pthread_mutex_unlock(&clock->lock);
}

int64_t sandbox_clock_offset_s(struct sandbox_clock *clock)
{
    int64_t offset_s;

    pthread_mutex_lock(&clock->lock);
    offset_s = clock->offset_s;
    pthread_mutex_unlock(&clock->lock);
    return offset_s;
}

int64_t sandbox_clock_wall_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

int64_t sandbox_clock_now_s(struct sandbox_clock *clock)
{
    return sandbox_clock_wall_s() + sandbox_clock_offset_s(clock);
}

void sandbox_clock_advance(struct sandbox_clock *clock, int64_t seconds)
{
    set_offset(clock, sandbox_clock_offset_s(clock) + seconds);
}

void sandbox_clock_reset(struct sandbox_clock *clock)
{
    set_offset(clock, 0);
}

int64_t sandbox_clock_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sandbox_clock_sleep_ms(struct sandbox_clock *clock, int64_t duration_ms)
{
    int64_t         until_ms = sandbox_clock_monotonic_ms() + duration_ms;
    struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };
    uint64_t        wakes;

    if (duration_ms <= 0)
        return;
    pthread_mutex_lock(&clock->lock);
    wakes = clock->wakes;
    while (!clock->stopped && clock->wakes == wakes)
        if (pthread_cond_timedwait(&clock->woken, &clock->lock, &until) == ETIMEDOUT)
            break;
    pthread_mutex_unlock(&clock->lock);
}

void sandbox_clock_wake_sleepers(struct sandbox_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    clock->wakes++;
    pthread_cond_broadcast(&clock->woken);
    pthread_mutex_unlock(&clock->lock);
}

void sandbox_clock_stop(struct sandbox_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    clock->stopped = true;
    pthread_cond_broadcast(&clock->woken);
    pthread_mutex_unlock(&clock->lock);
}

bool sandbox_clock_is_stopped(struct sandbox_clock *clock)
{
    bool stopped;

    pthread_mutex_lock(&clock->lock);
    stopped = clock->stopped;
    pthread_mutex_unlock(&clock->lock);
    return stopped;
}
