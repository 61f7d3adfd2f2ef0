/* The form encoder: a name and a value, whatever they are, come out of their encoding as they were. */
#include "fuzz.h"

#include <stdio.h>

#include "infrastructure/http_client/form.h"

static const char *decode(struct arena *arena, struct bytes text)
{
    char *decoded = arena_alloc(arena, text.size + 1), *next = decoded;

    for (size_t i = 0; i < text.size; i++) {
        unsigned byte = (unsigned char) text.data[i];

        assert(byte > ' ' && byte <= '~' && strchr("&=+#?/\"", (int) byte) == NULL);
        if (byte == '%') {
            assert(i + 2 < text.size && sscanf(text.data + i, "%%%2X", &byte) == 1);
            i += 2;
        }
        *next++ = (char) byte;
    }
    return decoded;
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *name = fuzz_line(arena, &input), *value = fuzz_line(arena, &input);
    struct form form = form_new(arena);
    struct bytes text;
    const char *equals;

    form_add(&form, name, value);
    text = form_bytes(&form);
    equals = memchr(text.data, '=', text.size);
    assert(equals != NULL);
    assert(strcmp(decode(arena, (struct bytes) { text.data, (size_t) (equals - text.data) }), name) == 0);
    assert(strcmp(decode(arena, bytes_of(equals + 1)), value) == 0);
    assert(strcmp(form_escape(arena, value), equals + 1) == 0);
    form_add_i64(&form, name, INT64_MIN);
    text = form_bytes(&form);
    assert(text.data[text.size] == '\0' && strlen(text.data) == text.size);
}
