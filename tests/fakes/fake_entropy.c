/* Deterministic "random" bytes, never the same twice. */
#include "application/entropy.h"

#include <string.h>

void entropy_fill(void *bytes_out, size_t size)
{
    static unsigned long counter;

    memset(bytes_out, 0, size);
    counter++;
    memcpy(bytes_out, &counter, size < sizeof(counter) ? size : sizeof(counter));
}
