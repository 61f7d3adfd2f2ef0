/* Decodes a form into sorted paths and their patterns; rejects a repeated path. */
#include "url_form.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"
#include "sandbox/kit/utf8.h"

/* How many "name[]" were seen of each name: the index of its next one. */
struct pushes {
    struct { char *prefix; size_t next; } *items;
    size_t count;
};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char) tolower((unsigned char) c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *url_form_percent_decode(const char *bytes, size_t count)
{
    char  *decoded = alloc_new(count + 1, 1);
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        int high = 0, low = 0;

        if (bytes[i] != '%') {
            decoded[length++] = bytes[i] == '+' ? ' ' : bytes[i];
            continue;
        }
        if (i + 2 >= count || (high = hex_value(bytes[i + 1])) < 0 ||
            (low = hex_value(bytes[i + 2])) < 0) {
            free(decoded);
            return NULL;
        }
        decoded[length++] = (char) (high * 16 + low);
        i += 2;
    }
    if (memchr(decoded, '\0', length) != NULL || !utf8_is_valid(decoded, length)) {
        free(decoded);
        return NULL;
    }
    return decoded;
}

static size_t next_index(struct pushes *pushes, const char *prefix)
{
    for (size_t i = 0; i < pushes->count; i++)
        if (strcmp(pushes->items[i].prefix, prefix) == 0)
            return pushes->items[i].next++;
    pushes->items = alloc_resize(pushes->items, pushes->count + 1, sizeof *pushes->items);
    pushes->items[pushes->count].prefix = alloc_dup(prefix);
    pushes->items[pushes->count++].next = 1;
    return 0;
}

static bool is_index(const char *segment, size_t length)
{
    return length >= 1 && length <= 3 && strspn(segment, "0123456789") >= length &&
           (length == 1 || segment[0] != '0');
}

/* Appends one "[segment]" to both names. */
static void add_segment(struct strbuf *path, struct strbuf *pattern, const char *segment,
                        size_t length, struct pushes *pushes)
{
    if (length == 0)
        strbuf_addf(path, "[%zu]", next_index(pushes, path->bytes));
    else
        strbuf_addf(path, "[%.*s]", (int) length, segment);
    if (length == 0 || is_index(segment, length))
        strbuf_add(pattern, "[]");
    else
        strbuf_addf(pattern, "[%.*s]", (int) length, segment);
}

/* Splits name[a][b] into its segments; false when the brackets do not pair. */
static bool split_name(const char *name, struct strbuf *path, struct strbuf *pattern,
                       struct pushes *pushes)
{
    size_t root = strcspn(name, "[]");
    size_t depth = 1;

    if (root == 0 || name[root] == ']')
        return false;
    strbuf_add_bytes(path, name, root);
    strbuf_add_bytes(pattern, name, root);
    for (const char *rest = name + root; *rest != '\0'; depth++) {
        size_t length = strcspn(rest + 1, "[]");

        if (*rest != '[' || rest[1 + length] != ']' || depth == URL_FORM_DEPTH_MAX)
            return false;
        add_segment(path, pattern, rest + 1, length, pushes);
        rest += length + 2;
    }
    return true;
}

static const char *add_field(struct url_form *form, const char *pair, size_t length,
                             struct pushes *pushes)
{
    const char *equals = memchr(pair, '=', length);
    size_t      name_bytes = equals == NULL ? length : (size_t) (equals - pair);
    char       *name, *value;
    struct strbuf path = { 0 }, pattern = { 0 };

    if (equals == NULL)
        return "A parameter has no '='.";
    if (form->count == URL_FORM_FIELDS_MAX)
        return "Too many parameters.";
    name = url_form_percent_decode(pair, name_bytes);
    value = url_form_percent_decode(equals + 1, length - name_bytes - 1);
    if (name == NULL || value == NULL || !split_name(name, &path, &pattern, pushes)) {
        const char *why = name == NULL || value == NULL
                              ? "Invalid percent-encoding or UTF-8." : "Invalid parameter name.";

        free(name);
        free(value);
        strbuf_free(&path);
        strbuf_free(&pattern);
        return why;
    }
    free(name);
    form->fields = alloc_resize(form->fields, form->count + 1, sizeof *form->fields);
    form->fields[form->count++] =
        (struct url_form_field) { strbuf_take(&path), strbuf_take(&pattern), value };
    return NULL;
}

static int by_path(const void *a, const void *b)
{
    const struct url_form_field *left = a, *right = b;

    return strcmp(left->path, right->path);
}

static const char *sort_fields(struct url_form *form)
{
    if (form->count > 0)
        qsort(form->fields, form->count, sizeof *form->fields, by_path);
    for (size_t i = 1; i < form->count; i++)
        if (strcmp(form->fields[i - 1].path, form->fields[i].path) == 0)
            return "A parameter was sent twice.";
    return NULL;
}

static void free_pushes(struct pushes *pushes)
{
    for (size_t i = 0; i < pushes->count; i++)
        free(pushes->items[i].prefix);
    free(pushes->items);
}

bool url_form_parse(const char *bytes, size_t count, struct url_form *form_out,
                    const char **why_out)
{
    struct url_form   form = { 0 };
    struct pushes pushes = { 0 };
    const char   *why = NULL;

    for (size_t start = 0; start < count && why == NULL;) {
        const char *and = memchr(bytes + start, '&', count - start);
        size_t      length = and == NULL ? count - start : (size_t) (and - bytes) - start;

        why = add_field(&form, bytes + start, length, &pushes);
        start += length + 1;
    }
    if (why == NULL)
        why = sort_fields(&form);
    free_pushes(&pushes);
    if (why != NULL) {
        url_form_free(&form);
        *why_out = why;
        return false;
    }
    *form_out = form;
    return true;
}

void url_form_free(struct url_form *form)
{
    for (size_t i = 0; i < form->count; i++) {
        free(form->fields[i].path);
        free(form->fields[i].pattern);
        free(form->fields[i].value);
    }
    free(form->fields);
    *form = (struct url_form) { 0 };
}

const char *url_form_find(const struct url_form *form, const char *path)
{
    struct url_form_field  wanted = { .path = (char *) (size_t) path };
    struct url_form_field *field = NULL;

    if (form->count > 0)
        field = bsearch(&wanted, form->fields, form->count, sizeof wanted, by_path);
    return field == NULL ? NULL : field->value;
}

const struct url_form_field *url_form_find_below(const struct url_form *form, const char *prefix)
{
    size_t length = strlen(prefix);

    for (size_t i = 0; i < form->count; i++) {
        const char *path = form->fields[i].path;

        if (strncmp(path, prefix, length) == 0 && (path[length] == '\0' || path[length] == '['))
            return &form->fields[i];
    }
    return NULL;
}
