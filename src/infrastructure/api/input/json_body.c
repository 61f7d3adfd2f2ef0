/* Parses a body, keeps its numbers as they were written, and writes its canonical form. */
#include "json_body.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "base/json_out.h"

/* --- Content-Type -------------------------------------------------------------------------- */

/* "application/json", alone or with "; charset=utf-8". */
static bool is_json_type(const char *type)
{
    static const char *const charsets[] = { "charset=utf-8", "charset=\"utf-8\"" };
    size_t size = strcspn(type, "; \t");
    const char *rest = type + size + strspn(type + size, " \t");

    if (size != strlen("application/json") || strncasecmp(type, "application/json", size) != 0)
        return false;
    if (*rest == '\0')
        return true;
    if (*rest++ != ';')
        return false;
    rest += strspn(rest, " \t");
    return strcasecmp(rest, charsets[0]) == 0 || strcasecmp(rest, charsets[1]) == 0;
}

/* --- Bytes to members ---------------------------------------------------------------------- */

static const struct problem *malformed(struct ctx *ctx, const char *detail)
{
    return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST, "%s", detail);
}

/* Jansson's message could quote the body, so only its line number is used. */
static const struct problem *not_json(struct ctx *ctx, const json_error_t *error)
{
    if (json_error_code(error) == json_error_duplicate_key)
        return malformed(ctx, "A member of the body is given twice.");
    if (json_error_code(error) == json_error_invalid_utf8)
        return malformed(ctx, "The body is not UTF-8.");
    return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                       "The body is not valid JSON (line %d).", error->line);
}

static const struct problem *extract_numbers(struct ctx *ctx, struct bytes json,
                                             struct text *without_out,
                                             struct json_numbers *numbers_out)
{
    switch (json_numbers_extract(ctx->arena, json, without_out, numbers_out)) {
    case JSON_SCAN_OK:         return OK;
    case JSON_SCAN_TOO_DEEP:   return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                                                  "The body nests more than %d levels.",
                                                  JSON_DEPTH_MAX);
    case JSON_SCAN_BAD_NUMBER: return malformed(ctx, "The body has a malformed number.");
    }
    return OK;
}

static const struct problem *parse(struct ctx *ctx, struct bytes json, struct json_body *body_out)
{
    struct text without;
    json_error_t error;

    TRY(extract_numbers(ctx, json, &without, &body_out->numbers));
    body_out->members = json_parse(ctx->arena, text_bytes(&without), JSON_DECODE_ANY, &error);
    if (body_out->members == NULL)
        return not_json(ctx, &error);
    return json_is_object(body_out->members) ? OK
                                             : malformed(ctx, "The body is not a JSON object.");
}

const struct problem *json_body_read(struct ctx *ctx, const struct request *request,
                                     enum json_body_rule rule, struct json_body *body_out)
{
    if (request->body.size == 0 && rule == BODY_OPTIONAL)
        return parse(ctx, bytes_of("{}"), body_out);
    if (request->body.size == 0)
        return malformed(ctx, "The request needs a body: a JSON object.");
    if (!is_json_type(request->content_type))
        return problem_new(ctx->arena, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                           "The body must be sent as Content-Type: application/json.");
    return parse(ctx, request->body, body_out);
}

struct bytes json_body_number(const struct json_body *body, const json_t *number)
{
    json_int_t place = json_integer_value(number);

    assert(json_is_integer(number) && place >= 0 && (size_t) place < body->numbers.count);
    return body->numbers.raw[place];
}

/* --- The canonical form -------------------------------------------------------------------- */

static void write_value(struct text *text, const char *name, const struct json_body *body,
                        const json_t *value);

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static const char **sorted_keys(struct arena *arena, const json_t *object)
{
    size_t count = json_object_size(object), next = 0;
    const char **keys = arena_alloc(arena, (count + 1) * sizeof(*keys));
    const char *key;
    json_t *value;

    json_object_foreach((json_t *) object, key, value)
        keys[next++] = key;
    qsort(keys, count, sizeof(*keys), compare_keys);
    return keys;
}

static void write_object(struct text *text, const char *name, const struct json_body *body,
                         const json_t *object)
{
    const char **keys = sorted_keys(text->arena, object);

    json_out_object(text, name);
    for (size_t i = 0; keys[i] != NULL; i++)
        write_value(text, keys[i], body, json_object_get(object, keys[i]));
    json_out_object_end(text);
}

static void write_array(struct text *text, const char *name, const struct json_body *body,
                        const json_t *array)
{
    size_t index;
    json_t *value;

    json_out_array(text, name);
    json_array_foreach(array, index, value)
        write_value(text, NULL, body, value);
    json_out_array_end(text);
}

static void write_number(struct text *text, const char *name, struct bytes raw)
{
    json_out_raw(text, name, arena_bytes_dup(text->arena, raw));
}

static void write_value(struct text *text, const char *name, const struct json_body *body,
                        const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:  write_object(text, name, body, value);                     break;
    case JSON_ARRAY:   write_array(text, name, body, value);                      break;
    case JSON_STRING:  json_out_text(text, name, json_string_value(value));       break;
    case JSON_INTEGER: write_number(text, name, json_body_number(body, value));   break;
    case JSON_TRUE:    json_out_bool(text, name, true);                           break;
    case JSON_FALSE:   json_out_bool(text, name, false);                          break;
    case JSON_NULL:    json_out_null(text, name);                                break;
    case JSON_REAL:    abort();                 /* every number was replaced */
    }
}

struct bytes json_body_canonical(struct arena *arena, const struct json_body *body)
{
    struct text text = text_new(arena);

    write_value(&text, NULL, body, body->members);
    return text_bytes(&text);
}
