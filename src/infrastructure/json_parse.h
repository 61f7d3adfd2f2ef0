/*
 * json_parse.h - parses JSON into values that live in an arena, with all memory that Jansson takes.
 *
 * The values are read-only: nothing may be added to them, and none is ever released by itself.
 * For one thread.
 */
#ifndef PAYAPI_INFRASTRUCTURE_JSON_PARSE_H
#define PAYAPI_INFRASTRUCTURE_JSON_PARSE_H

#include <jansson.h>

#include "base/arena.h"

/*
 * An object or array; with JSON_DECODE_ANY in flags (as of json_loadb) any value. NULL when the
 * text is something else, has a NUL byte or a member twice, or nests more than Jansson's 2048
 * levels; error_out, unless NULL, then says why.
 */
json_t *json_parse(struct arena *arena, struct bytes text, size_t flags, json_error_t *error_out);

/* The object in the text, or NULL. */
json_t *json_parse_object(struct arena *arena, struct bytes text);

#endif
