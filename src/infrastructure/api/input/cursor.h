/*
 * cursor.h - a position in a list, newest first, as an opaque text for the client.
 *
 * It grants nothing (every page is limited to the caller's own rows), so it is not signed; it is
 * only accepted when it is exactly what cursor_print would write.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_CURSOR_H
#define PAYAPI_INFRASTRUCTURE_API_CURSOR_H

#include <stdint.h>

#include "base/arena.h"
#include "domain/ids.h"

struct cursor {
    int64_t     created_at_ms;
    const char *id;
};

char *cursor_print(struct arena *arena, struct cursor cursor);
MUST_CHECK bool cursor_parse(struct arena *arena, const char *text, struct cursor *cursor_out);

#endif
