/*
 * url_form.h - strict decoder of application/x-www-form-urlencoded with nested brackets.
 *
 * line_items[0][price_data][currency]=usd becomes the path "line_items[0][price_data][currency]"
 * and the pattern "line_items[][price_data][currency]". Brackets may come raw or as %5B %5D;
 * "types[]" counts up from 0. Source: Stripe API v1 request encoding (docs/facts.md, 1).
 */
#ifndef PAYAPI_SANDBOX_HTTP_URL_FORM_H
#define PAYAPI_SANDBOX_HTTP_URL_FORM_H

#include <stdbool.h>
#include <stddef.h>

#define URL_FORM_FIELDS_MAX 1000
#define URL_FORM_DEPTH_MAX  8               /* segments of one name */

struct url_form_field {
    char *path;                 /* with the indexes */
    char *pattern;              /* the same with each index left out: [] */
    char *value;                /* UTF-8, no NUL inside */
};

struct url_form {
    struct url_form_field *fields;  /* sorted by path, each path once */
    size_t             count;
};

/* Decodes count bytes. False with a reason (static text) in *why_out when they are malformed. */
__attribute__((warn_unused_result)) bool url_form_parse(const char *bytes, size_t count,
                                                        struct url_form *form_out,
                                                        const char **why_out);
void url_form_free(struct url_form *form);

/*
 * One percent-encoded text as UTF-8 ('+' is a blank), to be freed; NULL when it is malformed or
 * holds a NUL.
 */
char *url_form_percent_decode(const char *bytes, size_t count);

/* The value of that path, NULL when absent. */
const char *url_form_find(const struct url_form *form, const char *path);

/* The first field whose path is prefix itself or lies below it ("a" finds "a[b]"); NULL if none. */
const struct url_form_field *url_form_find_below(const struct url_form *form, const char *prefix);

#endif
