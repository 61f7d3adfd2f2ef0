#include "worker_status.h"

#include "infrastructure/clock.h"
#include "infrastructure/shared_memory.h"

struct note *note_new_table(int count)
{
    return shared_memory_new((size_t) count * sizeof(struct note));
}

void note_say(struct note *note, enum activity activity)
{
    atomic_store(&note->since_ms, clock_monotonic_ms());
    atomic_store(&note->activity, (int) activity);
}

bool note_is_stale(const struct note *note, int64_t now_ms, int64_t limit_ms)
{
    return atomic_load(&note->activity) != ACTIVITY_IDLE
        && now_ms - atomic_load(&note->since_ms) > limit_ms;
}
