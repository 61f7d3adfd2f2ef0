/* Grows a text, and writes JSON strings into it. */
#include "base/text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/digits.h"

#define FIRST_CAPACITY 256

static void make_room(struct text *text, size_t more);
static size_t plain_size(struct bytes string);
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
    make_room(text, 1);
    text->data[text->size++] = c;
    text->data[text->size] = '\0';
}

void text_append_i64(struct text *text, int64_t number)
{
    char digits[DIGITS_TEXT_MAX];
    const char *end = digits_print(number, digits);

    text_append_bytes(text, (struct bytes) { digits, (size_t) (end - digits) });
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
    if ((size_t) length >= room) {              /* seldom: print again, with enough room */
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
    struct bytes rest = bytes_of(string);

    if (string == NULL) {
        text_append(text, "null");
        return;
    }
    text_append_char(text, '"');
    while (rest.size > 0) {
        size_t plain = plain_size(rest);

        text_append_bytes(text, (struct bytes) { rest.data, plain });
        rest = (struct bytes) { rest.data + plain, rest.size - plain };
        if (rest.size > 0) {
            append_json_escape(text, *rest.data);
            rest = (struct bytes) { rest.data + 1, rest.size - 1 };
        }
    }
    text_append_char(text, '"');
}

#define IN_EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/*
 * In the result a byte has its highest bit set if, and only if, some byte is below the limit (at
 * most 0x80). Source: Anderson, Bit Twiddling Hacks, "Determine if a word has a byte less than n".
 */
static uint64_t bytes_below(uint64_t eight, unsigned char limit)
{
    return (eight - IN_EACH_BYTE(limit)) & ~eight & IN_EACH_BYTE(0x80);
}

static bool all_plain(uint64_t eight)
{
    return (bytes_below(eight, 0x20) | bytes_below(eight ^ IN_EACH_BYTE('"'), 1)
            | bytes_below(eight ^ IN_EACH_BYTE('\\'), 1)) == 0;
}

static bool is_plain(char c)
{
    return (unsigned char) c >= 0x20 && c != '"' && c != '\\';
}

/*
 * How many leading bytes need no escape in JSON. Most strings are ids, so eight bytes are checked
 * at a time.
 */
static size_t plain_size(struct bytes string)
{
    size_t size = 0;
    uint64_t eight;

    for (; string.size - size >= sizeof(eight); size += sizeof(eight)) {
        memcpy(&eight, string.data + size, sizeof(eight));
        if (!all_plain(eight))
            break;
    }
    while (size < string.size && is_plain(string.data[size]))
        size++;
    return size;
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

/* Makes room for more bytes and the NUL. Doubling keeps the copying linear in the final size. */
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
