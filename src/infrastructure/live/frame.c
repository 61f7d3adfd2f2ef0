/* What a stream consists of: Server-Sent Events. */
#include "frame.h"

#include <assert.h>
#include <stdlib.h>

#define ID_DIGITS_MAX 18        /* fewer than INT64_MAX has */

struct bytes frame_event(struct arena *arena, int64_t id, struct bytes json)
{
    struct text text = text_new(arena);

    assert(memchr(json.data, '\n', json.size) == NULL);
    text_append(&text, "id: ");
    text_append_i64(&text, id);
    text_append(&text, "\ndata: ");
    text_append_bytes(&text, json);
    text_append(&text, "\n\n");
    return text_bytes(&text);
}

int64_t frame_last_id(const char *header)
{
    size_t size = strnlen(header, ID_DIGITS_MAX + 1);

    if (size == 0 || size > ID_DIGITS_MAX || header[0] == '0'
        || strspn(header, "0123456789") != size)
        return 0;
    return strtoll(header, NULL, 10);
}
