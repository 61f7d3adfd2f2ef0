#include "memory.h"

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

void *memory_new(size_t count, size_t size_bytes)
{
    return must(calloc(count == 0 ? 1 : count, size_bytes));
}

void *memory_resize(void *block, size_t count, size_t size_bytes)
{
    return must(reallocarray(block, count == 0 ? 1 : count, size_bytes));
}

char *memory_dup_bytes(const void *bytes, size_t count)
{
    char *copy = memory_new(count + 1, 1);

    if (count > 0)
        memcpy(copy, bytes, count);
    return copy;
}

char *memory_dup(const char *text)
{
    return text == NULL ? NULL : memory_dup_bytes(text, strlen(text));
}
