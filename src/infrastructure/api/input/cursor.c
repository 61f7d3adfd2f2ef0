#include "cursor.h"

#include <inttypes.h>
#include <stdlib.h>

#include "infrastructure/auth/base64url.h"

#define CURSOR_TEXT_MAX 128
#define CREATED_AT_MAX  INT64_C(253402300799999)        /* the last moment of the year 9999 */

char *cursor_print(struct arena *arena, struct cursor cursor)
{
    const char *plain = arena_printf(arena, "%" PRId64 ":%s", cursor.created_at_ms, cursor.id);

    return base64url_encode(arena, bytes_of(plain));
}

bool cursor_parse(struct arena *arena, const char *text, struct cursor *cursor_out)
{
    struct cursor cursor;
    struct order_id id;
    struct bytes plain;
    char *end;

    if (strnlen(text, CURSOR_TEXT_MAX + 1) > CURSOR_TEXT_MAX ||
        !base64url_decode(arena, bytes_of(text), &plain))
        return false;
    cursor.created_at_ms = strtoll(plain.data, &end, 10);
    if (*end != ':' || cursor.created_at_ms < 0 || cursor.created_at_ms > CREATED_AT_MAX ||
        !order_id_parse(end + 1, &id))
        return false;
    cursor.id = arena_strdup(arena, id.text);
    if (strcmp(text, cursor_print(arena, cursor)) != 0)
        return false;
    *cursor_out = cursor;
    return true;
}
