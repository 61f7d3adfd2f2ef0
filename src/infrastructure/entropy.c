#include "application/entropy.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

void entropy_fill(void *bytes_out, size_t size)
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
