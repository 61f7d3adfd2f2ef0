#include "infrastructure/shared_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void *shared_memory_new(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    return memory;
}

/*
 * Another user who could write the file could change what we count, or truncate it while we have it
 * mapped. Its name is known and its folder may be open to anybody, so another user may be the one
 * who made it.
 */
static bool is_ours(const struct stat *file)
{
    if (S_ISREG(file->st_mode) && file->st_uid == geteuid() && (file->st_mode & 022) == 0)
        return true;
    errno = EPERM;
    return false;
}

/* The file is never made smaller: another process may have mapped the rest. */
static bool is_large_enough(int fd, size_t size)
{
    struct stat found;

    if (fstat(fd, &found) != 0 || !is_ours(&found))
        return false;
    return found.st_size >= (off_t) size || ftruncate(fd, (off_t) size) == 0;
}

void *shared_memory_open(const char *file, size_t size, const char **complaint_out)
{
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    void *memory = MAP_FAILED;

    if (fd >= 0 && is_large_enough(fd, size))
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    *complaint_out = memory == MAP_FAILED ? strerror(errno) : NULL;
    if (fd >= 0)
        close(fd);
    return memory == MAP_FAILED ? NULL : memory;
}
