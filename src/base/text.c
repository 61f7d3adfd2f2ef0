#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#define FIRST_CAPACITY 256

static void make_room(struct text *text, size_t more);
static void append_json_char(struct text *text, char c);

struct text text_new(struct arena *arena)
{
    return (struct text) {
        .arena = arena,
        .data = arena_alloc(arena, FIRST_CAPACITY),
        .capacity = FIRST_CAPACITY,
    };
}

void text_append(struct text *text, const char *string)
{
    text_append_bytes(text, bytes_of(string));
}

void text_append_bytes(struct text *text, struct bytes bytes)
{
    make_room(text, bytes.size);
    if (bytes.size > 0)
        memcpy(text->data + text->size, bytes.data, bytes.size);
    text->size += bytes.size;
    text->data[text->size] = '\0';
}

void text_append_char(struct text *text, char c)
{
    text_append_bytes(text, (struct bytes) { &c, 1 });
}

void text_append_i64(struct text *text, int64_t number)
{
    text_printf(text, "%" PRId64, number);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);                        /* only a broken format string fails */
    make_room(text, (size_t) length);
    va_start(args, format);
    (void) vsnprintf(text->data + text->size, (size_t) length + 1, format, args);
    va_end(args);
    text->size += (size_t) length;
}

struct bytes text_bytes(const struct text *text)
{
    return (struct bytes) { text->data, text->size };
}

void text_append_json_string(struct text *text, const char *string)
{
    if (string == NULL) {
        text_append(text, "null");
        return;
    }
    text_append_char(text, '"');
    for (; *string != '\0'; string++)
        append_json_char(text, *string);
    text_append_char(text, '"');
}

static void append_json_char(struct text *text, char c)
{
    if (c == '"' || c == '\\') {
        text_append_char(text, '\\');
        text_append_char(text, c);
    } else if ((unsigned char) c < 0x20) {
        text_printf(text, "\\u%04x", (unsigned int) (unsigned char) c);
    } else {
        text_append_char(text, c);
    }
}

/* Room for more bytes and the NUL. Doubling keeps the copying linear in the final size. */
static void make_room(struct text *text, size_t more)
{
    size_t needed, capacity;

    if (more < text->capacity - text->size)
        return;
    needed = text->size + more + 1;
    assert(needed > more);
    capacity = needed > text->capacity * 2 ? needed : text->capacity * 2;
    text->data = arena_grow(text->arena, text->data, text->capacity, capacity);
    text->capacity = capacity;
}
