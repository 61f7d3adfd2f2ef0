/*
 * strbuf.h - a growing, always NUL-terminated text; and random identifiers.
 *
 * Start with { 0 }. The caller frees it with strbuf_free or takes it with strbuf_take.
 */
#ifndef PAYAPI_SANDBOX_KIT_STRBUF_H
#define PAYAPI_SANDBOX_KIT_STRBUF_H

#include <stddef.h>

struct strbuf {
    char  *bytes;               /* NULL until something is added */
    size_t length_bytes;
    size_t capacity_bytes;
};

void strbuf_add(struct strbuf *text, const char *more);
void strbuf_add_bytes(struct strbuf *text, const void *bytes, size_t count);
__attribute__((format(printf, 2, 3)))
void strbuf_addf(struct strbuf *text, const char *format, ...);

/* Escaped for HTML text and for quoted attributes. */
void strbuf_add_html(struct strbuf *text, const char *more);

/* The bytes, now the caller's to free(); the text is empty again. Never NULL. */
char *strbuf_take(struct strbuf *text);
void strbuf_free(struct strbuf *text);

/* prefix followed by letters random characters of [0-9A-Za-z], into id_out[size_bytes]. */
void random_id(const char *prefix, size_t letters, char *id_out, size_t size_bytes);

/* Copies as much as fits and terminates. */
void copy_bounded(char *out, size_t size_bytes, const char *from);

#endif
