/*
 * json_out.h - writes JSON into a text, member by member: compact, in the order of the calls.
 *
 * Each function writes a comma before its value unless it is the first one. name is the member's
 * name; NULL writes an element of an array, or the document itself. Names and texts are escaped
 * (RFC 8259 section 7). Audit rows and stored answers are compared byte for byte, so the format
 * must not change.
 */
#ifndef PAYAPI_BASE_JSON_OUT_H
#define PAYAPI_BASE_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* A document that is one object: json_out_begin opens it in a new text, json_out_end closes it. */
struct text  json_out_begin(struct arena *arena);
struct bytes json_out_end(struct text *text);           /* borrowed until the next append */

void json_out_object(struct text *text, const char *name);
void json_out_object_end(struct text *text);
void json_out_array(struct text *text, const char *name);
void json_out_array_end(struct text *text);

void json_out_text(struct text *text, const char *name, const char *value);     /* NULL: null */
void json_out_optional(struct text *text, const char *name, const char *value); /* "": null */
/* "2026-11-23T00:31:00.123Z" of Unix milliseconds; 0: null. */
void json_out_time(struct text *text, const char *name, int64_t at_ms);
void json_out_bool(struct text *text, const char *name, bool value);
void json_out_i64(struct text *text, const char *name, int64_t value);
void json_out_null(struct text *text, const char *name);
void json_out_raw(struct text *text, const char *name, const char *json);       /* JSON as it is */

#endif
