/*
 * text.h - a growing byte string in an arena, always followed by a NUL.
 */
#ifndef PAYAPI_BASE_TEXT_H
#define PAYAPI_BASE_TEXT_H

#include <stdint.h>

#include "base/arena.h"

struct text {
    struct arena *arena;
    char         *data;
    size_t        size;
    size_t        capacity;
};

struct text text_new(struct arena *arena);
void        text_append(struct text *text, const char *string);
void        text_append_bytes(struct text *text, struct bytes bytes);
void        text_append_char(struct text *text, char c);
void        text_append_i64(struct text *text, int64_t number);
void        text_printf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct bytes text_bytes(const struct text *text);       /* borrowed until the next append */

/*
 * Appends a JSON string with its quotes: RFC 8259 section 7, control bytes as \u00XX; bytes above
 * 0x7f stay as they are (input was checked to be UTF-8 on arrival). NULL becomes null.
 */
void text_append_json_string(struct text *text, const char *string);

#endif
