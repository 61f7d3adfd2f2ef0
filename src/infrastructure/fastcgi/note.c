#include "infrastructure/fastcgi/note.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "infrastructure/clock.h"

struct note *note_new_table(int count)
{
    void *table = mmap(NULL, (size_t) count * sizeof(struct note), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (table == MAP_FAILED)
        abort();
    return table;
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
