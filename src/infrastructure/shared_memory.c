#include "infrastructure/shared_memory.h"

#include <stdlib.h>
#include <sys/mman.h>

void *shared_memory_new(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    return memory;
}
