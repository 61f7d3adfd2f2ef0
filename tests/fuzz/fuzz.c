#include "fuzz.h"

#include <stdint.h>

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;

    if (arena == NULL)
        arena = arena_new();
    fuzz_one(arena, (struct bytes) { (const char *) data, size });
    arena_reset(arena);
    return 0;
}

const char *fuzz_line(struct arena *arena, struct bytes *rest)
{
    const char *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    struct bytes line = { rest->data, end != NULL ? (size_t) (end - rest->data) : rest->size };
    size_t taken = line.size + (end != NULL ? 1 : 0);
    const char *whole = arena_bytes_dup(arena, line);

    *rest = (struct bytes) { rest->data + taken, rest->size - taken };
    return arena_strdup(arena, whole);          /* cut at a NUL, and then at its exact size */
}
