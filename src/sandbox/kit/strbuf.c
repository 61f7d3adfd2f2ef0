/* Growing texts, escaping of HTML, and random identifiers. */
#include "strbuf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "alloc.h"

static void make_room(struct strbuf *text, size_t more)
{
    size_t needed = text->length_bytes + more + 1;

    if (needed <= text->capacity_bytes)
        return;
    text->capacity_bytes = needed < 256 ? 256 : needed * 2;
    text->bytes = alloc_resize(text->bytes, text->capacity_bytes, 1);
}

void strbuf_add_bytes(struct strbuf *text, const void *bytes, size_t count)
{
    make_room(text, count);
    if (count > 0)
        memcpy(text->bytes + text->length_bytes, bytes, count);
    text->length_bytes += count;
    text->bytes[text->length_bytes] = '\0';
}

void strbuf_add(struct strbuf *text, const char *more)
{
    strbuf_add_bytes(text, more, strlen(more));
}

void strbuf_addf(struct strbuf *text, const char *format, ...)
{
    va_list args;
    int     length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    make_room(text, (size_t) length);
    va_start(args, format);
    vsnprintf(text->bytes + text->length_bytes, (size_t) length + 1, format, args);
    va_end(args);
    text->length_bytes += (size_t) length;
}

void strbuf_add_html(struct strbuf *text, const char *more)
{
    for (; *more != '\0'; more++) {
        switch (*more) {
        case '&':  strbuf_add(text, "&amp;");  break;
        case '<':  strbuf_add(text, "&lt;");   break;
        case '>':  strbuf_add(text, "&gt;");   break;
        case '"':  strbuf_add(text, "&quot;"); break;
        case '\'': strbuf_add(text, "&#39;");  break;
        default:   strbuf_add_bytes(text, more, 1);
        }
    }
}

char *strbuf_take(struct strbuf *text)
{
    char *bytes = text->bytes == NULL ? alloc_dup("") : text->bytes;

    *text = (struct strbuf) { 0 };
    return bytes;
}

void strbuf_free(struct strbuf *text)
{
    free(text->bytes);
    *text = (struct strbuf) { 0 };
}

void random_id(const char *prefix, size_t letters, char *id_out, size_t size_bytes)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char     random[64];
    size_t            length = strlen(prefix);

    assert(letters <= sizeof random && length + letters < size_bytes);
    if (getrandom(random, letters, 0) != (ssize_t) letters)
        abort();
    memcpy(id_out, prefix, length);
    for (size_t i = 0; i < letters; i++)
        id_out[length + i] = alphabet[random[i] % (sizeof alphabet - 1)];
    id_out[length + letters] = '\0';
}

void copy_bounded(char *out, size_t size_bytes, const char *from)
{
    snprintf(out, size_bytes, "%s", from);
}
