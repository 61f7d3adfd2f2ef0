/* calloc and reallocarray that stop the program when there is no memory. */
#include "alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *block)
{
    if (block == NULL) {
        fputs("payapi-sandbox: out of memory\n", stderr);
        abort();
    }
    return block;
}

void *alloc_new(size_t count, size_t size_bytes)
{
    return must(calloc(count == 0 ? 1 : count, size_bytes));
}

void *alloc_resize(void *block, size_t count, size_t size_bytes)
{
    return must(reallocarray(block, count == 0 ? 1 : count, size_bytes));
}

char *alloc_dup_bytes(const void *bytes, size_t count)
{
    char *copy = alloc_new(count + 1, 1);

    if (count > 0)
        memcpy(copy, bytes, count);
    return copy;
}

char *alloc_dup(const char *text)
{
    return text == NULL ? NULL : alloc_dup_bytes(text, strlen(text));
}
