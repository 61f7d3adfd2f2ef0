/*
 * text.h - a growing, always NUL-terminated text; and random identifiers.
 *
 * Start with { 0 }. The caller frees it with text_free or takes it with text_take.
 */
#ifndef SANDBOX_TEXT_H
#define SANDBOX_TEXT_H

#include <stddef.h>

struct text {
    char  *bytes;               /* NULL until something is added */
    size_t length_bytes;
    size_t capacity_bytes;
};

void text_add(struct text *text, const char *more);
void text_add_bytes(struct text *text, const void *bytes, size_t count);
__attribute__((format(printf, 2, 3))) void text_addf(struct text *text, const char *format, ...);

/* Escaped for HTML text and for quoted attributes. */
void text_add_html(struct text *text, const char *more);

/* The bytes, now the caller's to free(); the text is empty again. Never NULL. */
char *text_take(struct text *text);
void text_free(struct text *text);

/* prefix followed by letters random characters of [0-9A-Za-z], into id_out[size_bytes]. */
void text_random_id(const char *prefix, size_t letters, char *id_out, size_t size_bytes);

/* Copies as much as fits and terminates. */
void text_copy(char *out, size_t size_bytes, const char *from);

#endif
