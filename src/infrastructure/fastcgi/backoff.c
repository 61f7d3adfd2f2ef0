/* Computes how long to wait before the next worker. */
#include "infrastructure/fastcgi/backoff.h"

int backoff_next_ms(struct backoff *backoff, int64_t lived_ms, bool on_purpose)
{
    if (on_purpose || lived_ms >= BACKOFF_FORGET_MS)
        backoff->delay_ms = 0;
    else if (backoff->delay_ms == 0)
        backoff->delay_ms = BACKOFF_FIRST_MS;
    else
        backoff->delay_ms *= 2;
    if (backoff->delay_ms > BACKOFF_MAX_MS)
        backoff->delay_ms = BACKOFF_MAX_MS;
    return backoff->delay_ms;
}
