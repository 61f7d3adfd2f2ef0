#include "infrastructure/fastcgi/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

int memory_open(void)
{
    return open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

int64_t memory_private_bytes(int descriptor)
{
    char text[128];
    ssize_t size = pread(descriptor, text, sizeof(text) - 1, 0);
    int64_t resident_pages, shared_pages;

    if (size <= 0)
        return 0;
    text[size] = '\0';
    if (sscanf(text, "%*d %" SCNd64 " %" SCNd64, &resident_pages, &shared_pages) != 2)
        return 0;
    return (resident_pages - shared_pages) * sysconf(_SC_PAGESIZE);
}
