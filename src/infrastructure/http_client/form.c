/* Percent-encodes names and values of a form. */
#include "infrastructure/http_client/form.h"

#include <stdbool.h>
#include <string.h>

/* RFC 3986 section 2.3. */
static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || c == '-' || c == '.' || c == '_' || c == '~';
}

static size_t kept_size(const char *string, const char *kept_too)
{
    const char *c = string;

    while (is_unreserved(*c) || (*c != '\0' && strchr(kept_too, *c) != NULL))
        c++;
    return (size_t) (c - string);
}

static void append_encoded(struct text *text, const char *string, const char *kept_too)
{
    static const char hex[] = "0123456789ABCDEF";

    for (const char *c = string;; c++) {
        size_t kept = kept_size(c, kept_too);

        text_append_bytes(text, (struct bytes) { c, kept });
        c += kept;
        if (*c == '\0')
            return;
        text_append_bytes(text, (struct bytes) {
            (char[]) { '%', hex[(unsigned char) *c >> 4], hex[(unsigned char) *c & 0xf] }, 3
        });
    }
}

struct form form_new(struct arena *arena)
{
    return (struct form) { .text = text_new(arena) };
}

static void append_name(struct form *form, const char *name)
{
    if (form->text.size > 0)
        text_append_char(&form->text, '&');
    append_encoded(&form->text, name, "[]");
    text_append_char(&form->text, '=');
}

void form_add(struct form *form, const char *name, const char *value)
{
    append_name(form, name);
    append_encoded(&form->text, value, "");
}

void form_add_i64(struct form *form, const char *name, int64_t number)
{
    append_name(form, name);
    text_append_i64(&form->text, number);
}

struct bytes form_bytes(const struct form *form)
{
    return text_bytes(&form->text);
}

char *form_escape(struct arena *arena, const char *value)
{
    struct text text = text_new(arena);

    append_encoded(&text, value, "");
    return text.data;
}
