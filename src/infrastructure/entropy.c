/* Random bytes, fetched from the kernel for many ids at once. */
#include <config.h>                         /* _GNU_SOURCE: MADV_WIPEONFORK */

#include "application/entropy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/types.h>

#define POOL_BYTES 1024                     /* for about a hundred ids */

/*
 * On pages of its own. The kernel gives them to a child as zeros (MADV_WIPEONFORK), however it was
 * forked, so the child finds nothing left, and no two processes ever give out the same bytes.
 * Bytes that were given out are erased.
 */
struct pool {
    size_t        left;
    unsigned char bytes[POOL_BYTES];        /* the first `left` of them */
};

static void fetch(void *bytes_out, size_t size)
{
    unsigned char *next = bytes_out;

    while (size > 0) {
        ssize_t count = getrandom(next, size, 0);

        if (count < 0 && errno != EINTR)
            abort();                            /* guessable ids are worse than no service */
        if (count > 0) {
            next += count;
            size -= (size_t) count;
        }
    }
}

/* NULL where the kernel does not wipe pages for a child (before Linux 4.14; some imitations). */
static struct pool *new_pool(void)
{
    struct pool *pool = mmap(NULL, sizeof(*pool), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pool == MAP_FAILED)
        return NULL;
    if (madvise(pool, sizeof(*pool), MADV_WIPEONFORK) != 0) {
        (void) munmap(pool, sizeof(*pool));
        return NULL;
    }
    (void) madvise(pool, sizeof(*pool), MADV_DONTDUMP);
    return pool;
}

static void take(struct pool *pool, unsigned char *bytes_out, size_t size)
{
    pool->left -= size;
    memcpy(bytes_out, pool->bytes + pool->left, size);
    explicit_bzero(pool->bytes + pool->left, size);
}

void entropy_fill(void *bytes_out, size_t size)
{
    static _Thread_local struct pool *pool;

    if (pool == NULL)
        pool = new_pool();
    if (pool == NULL || size > POOL_BYTES) {
        fetch(bytes_out, size);
        return;
    }
    if (pool->left < size) {
        fetch(pool->bytes, POOL_BYTES);
        pool->left = POOL_BYTES;
    }
    take(pool, bytes_out, size);
}
