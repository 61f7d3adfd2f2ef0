#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#define FIRST_CAPACITY 256

static void make_room(struct text *text, size_t more);
static size_t plain_size(const char *string);
static void append_json_escape(struct text *text, char c);

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
    size_t room = text->capacity - text->size;
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text->data + text->size, room, format, args);
    va_end(args);
    assert(length >= 0);                        /* only a broken format string fails */
    if ((size_t) length >= room) {              /* seldom: the same again, where it fits */
        make_room(text, (size_t) length);
        va_start(args, format);
        (void) vsnprintf(text->data + text->size, (size_t) length + 1, format, args);
        va_end(args);
    }
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
    while (*string != '\0') {
        size_t plain = plain_size(string);

        text_append_bytes(text, (struct bytes) { string, plain });
        string += plain;
        if (*string != '\0')
            append_json_escape(text, *string++);
    }
    text_append_char(text, '"');
}

/* How many characters stand in JSON as they are. */
static size_t plain_size(const char *string)
{
    const unsigned char *c = (const unsigned char *) string;

    while (*c >= 0x20 && *c != '"' && *c != '\\')
        c++;
    return (size_t) ((const char *) c - string);
}

static void append_json_escape(struct text *text, char c)
{
    if (c == '"' || c == '\\') {
        text_append_char(text, '\\');
        text_append_char(text, c);
    } else {
        text_printf(text, "\\u%04x", (unsigned int) (unsigned char) c);
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
