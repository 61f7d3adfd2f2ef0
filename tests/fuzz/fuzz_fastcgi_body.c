/* The body of a FastCGI request: a first line with CONTENT_LENGTH, then what comes. All of it, or a problem. */
#include "fuzz.h"

#include "infrastructure/fastcgi/body.h"

#define BYTES_MAX 512

/* Nothing more comes. */
static void end(FCGX_Stream *stream)
{
    stream->isClosed = 1;
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *length = fuzz_line(arena, &input);
    char *envp[] = { arena_printf(arena, "CONTENT_LENGTH=%s", length), NULL };
    unsigned char *bytes = (unsigned char *) arena_bytes_dup(arena, input);
    FCGX_Stream in = { .rdNext = bytes, .wrNext = bytes + input.size, .stop = bytes + input.size,
                       .stopUnget = bytes, .isReader = 1, .fillBuffProc = end };
    FCGX_Request fcgx = { .in = &in, .envp = envp };
    struct ctx ctx = { .arena = arena };
    struct bytes body;

    if (body_read(&ctx, &fcgx, BYTES_MAX, &body) != OK)
        return;
    assert(body.size <= BYTES_MAX && bytes_equal(body, input) && body.data[body.size] == '\0');
}
