#include "answer_text.h"

#include "base/character.h"
#include "base/text.h"

static bool is_control(const char *c)
{
    const unsigned char *byte = (const unsigned char *) c;

    return (*byte < 0x20 && *byte != '\t' && *byte != '\n') || *byte == 0x7f
        || (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] <= 0x9f);     /* U+0080 to U+009F */
}

const char *answer_text(struct arena *arena, struct bytes answer)
{
    size_t size = answer.size < ANSWER_BYTES_KEPT ? answer.size : ANSWER_BYTES_KEPT;
    const char *data = arena_bytes_dup(arena, (struct bytes) { answer.data, size });
    struct text text = text_new(arena);

    for (size_t at = 0; at < size;) {
        size_t length = data[at] == '\0' || is_control(data + at) ? 0 : character_size(data + at);

        if (length == 0)
            text_printf(&text, "\\x%02x", (unsigned) (unsigned char) data[at++]);
        else
            text_append_bytes(&text, (struct bytes) { data + at, length });
        at += length;
    }
    return text_bytes(&text).data;
}
