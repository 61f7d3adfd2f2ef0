/* JSON request bodies: what was read prints as JSON that reads back to the same print. */
#include "fuzz.h"

#include "infrastructure/api/input/json_body.h"

static bool read(struct ctx *ctx, struct bytes text, struct json_body *body_out)
{
    const struct request request = { .content_type = "application/json", .body = text };

    return json_body_read(ctx, &request, BODY_REQUIRED, body_out) == OK;
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    struct ctx ctx = { .arena = arena };
    struct json_body body = { 0 }, again = { 0 };
    struct bytes canonical, repeated;

    if (!read(&ctx, input, &body))
        return;
    canonical = json_body_canonical(arena, &body);
    assert(read(&ctx, canonical, &again));
    repeated = json_body_canonical(arena, &again);
    assert(canonical.size == repeated.size);
    assert(memcmp(canonical.data, repeated.data, canonical.size) == 0);
}
