/*
 * form.h - writes application/x-www-form-urlencoded.
 *
 * Names keep their brackets ("line_items[0][quantity]") so that a frozen request can be read; every
 * other byte of a name or value that is not unreserved is percent-encoded, a blank as %20.
 * Text is UTF-8 and ends with a NUL. The result lives in the arena.
 * Source: WHATWG URL section 5 (form encoding), RFC 3986 section 2.3 (unreserved characters).
 */
#ifndef PAYAPI_INFRASTRUCTURE_HTTP_CLIENT_FORM_H
#define PAYAPI_INFRASTRUCTURE_HTTP_CLIENT_FORM_H

#include "base/text.h"

struct form {
    struct text text;
};

struct form form_new(struct arena *arena);
void        form_add(struct form *form, const char *name, const char *value);
void        form_add_i64(struct form *form, const char *name, int64_t number);
/* "a=1&b=2"; borrowed until the next form_add. */
struct bytes form_bytes(const struct form *form);

/* One value, percent-encoded: also for a segment of a path. */
char *form_escape(struct arena *arena, const char *value);

#endif
