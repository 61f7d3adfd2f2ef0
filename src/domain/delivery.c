/* When an event is sent again, and when an endpoint is given up. */
#include "domain/delivery.h"

#define SECOND_MS    INT64_C(1000)
#define MINUTE_MS    (60 * SECOND_MS)
#define HOUR_MS      (60 * MINUTE_MS)
#define FAILING_MS   (5 * 24 * HOUR_MS)
#define FAILURES_MIN 20
#define JITTER_DIV   5                  /* a fifth either way */

/* After the attempt of that place. */
static const int64_t steps_ms[DELIVERY_ATTEMPTS] = {
    [1] = 5 * SECOND_MS, [2] = 5 * MINUTE_MS, [3] = 30 * MINUTE_MS, [4] = 2 * HOUR_MS,
    [5] = 5 * HOUR_MS,   [6] = 10 * HOUR_MS,  [7] = 14 * HOUR_MS,   [8] = 20 * HOUR_MS,
    [9] = 24 * HOUR_MS,
};

/* An endpoint that asks for more patience gets it, up to twice the step. */
static int64_t longer(int64_t wait_ms, int64_t step_ms, int64_t retry_after_s)
{
    int64_t most_ms = 2 * step_ms;
    int64_t asked_ms = retry_after_s > most_ms / SECOND_MS ? most_ms : retry_after_s * SECOND_MS;

    return asked_ms > wait_ms ? asked_ms : wait_ms;
}

int64_t delivery_next_at_ms(int place, int64_t ended_ms, int chance, int64_t retry_after_s)
{
    int64_t step_ms, spread_ms;

    if (place >= DELIVERY_ATTEMPTS)
        return 0;
    step_ms = steps_ms[place];
    spread_ms = step_ms / JITTER_DIV;
    return ended_ms + longer(step_ms - spread_ms + 2 * spread_ms * chance / 1000, step_ms,
                             retry_after_s);
}

bool delivery_endpoint_is_failing(int failures, int64_t failing_since_ms, int64_t now_ms)
{
    return failures >= FAILURES_MIN && now_ms - failing_since_ms >= FAILING_MS;
}
