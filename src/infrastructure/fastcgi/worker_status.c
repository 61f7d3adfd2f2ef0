/* The table of worker statuses in shared memory. */
#include "worker_status.h"

#include "infrastructure/clock.h"
#include "infrastructure/shared_memory.h"

struct worker_status *worker_status_new_table(int count)
{
    return shared_memory_new((size_t) count * sizeof(struct worker_status));
}

void worker_status_say(struct worker_status *status, enum activity activity)
{
    atomic_store(&status->since_ms, clock_monotonic_ms());
    atomic_store(&status->activity, (int) activity);
}

bool worker_status_is_stale(const struct worker_status *status, int64_t now_ms, int64_t limit_ms)
{
    return atomic_load(&status->activity) != ACTIVITY_IDLE
        && now_ms - atomic_load(&status->since_ms) > limit_ms;
}
