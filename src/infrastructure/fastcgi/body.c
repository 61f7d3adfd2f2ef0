/* Reads a request's body within its limit. */
#include "infrastructure/fastcgi/body.h"

#include <stdio.h>
#include <stdlib.h>

static const struct problem *incomplete(struct ctx *ctx)
{
    return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                       "The body does not have the length that its header says.");
}

/* Digits only; nginx gives an empty text when there is no body. Too many digits: too large. */
static bool read_length(const char *text, size_t *length_out)
{
    size_t size = text != NULL ? strlen(text) : 0;

    if (size > 0 && strspn(text, "0123456789") != size)
        return false;
    *length_out = size > 18 ? SIZE_MAX : size > 0 ? strtoul(text, NULL, 10) : 0;
    return true;
}

static size_t read_bytes(FCGX_Stream *in, char *buffer, size_t wanted)
{
    size_t size = 0;

    while (size < wanted) {
        int count = FCGX_GetStr(buffer + size, (int) (wanted - size), in);

        if (count <= 0)
            break;
        size += (size_t) count;
    }
    return size;
}

const struct problem *body_read(struct ctx *ctx, FCGX_Request *fcgx, size_t bytes_max,
                                struct bytes *body_out)
{
    size_t length;
    char *buffer;

    if (!read_length(FCGX_GetParam("CONTENT_LENGTH", fcgx->envp), &length))
        return incomplete(ctx);
    if (length > bytes_max)
        return problem_new(ctx->arena, PROBLEM_PAYLOAD_TOO_LARGE,
                           "The body has more than %zu bytes.", bytes_max);
    buffer = arena_alloc(ctx->arena, length + 1);
    if (read_bytes(fcgx->in, buffer, length) != length || FCGX_GetChar(fcgx->in) != EOF ||
        FCGX_GetError(fcgx->in) != 0)
        return incomplete(ctx);
    *body_out = (struct bytes) { buffer, length };
    return OK;
}
