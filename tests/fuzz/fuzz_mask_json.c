/*
 * Bodies made fit to be shown: whatever stands there, what comes out is JSON; of JSON it has the shape,
 * and each string and number is as it was or hidden.
 */
#include "fuzz.h"

#include <jansson.h>

#include "application/audit/masking.h"

static void release_json(void *json)
{
    json_decref(json);
}

static const json_t *load(struct arena *arena, struct bytes text, json_error_t *error_out)
{
    return arena_adopt(arena, json_loadb(text.data, text.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, error_out),
                       release_json);
}

/* Right by RFC 8259, but more than Jansson takes: half a surrogate pair, a number without bounds. */
static bool is_beyond_jansson(const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);

    return code == json_error_numeric_overflow || code == json_error_invalid_utf8
        || strstr(error->text, "invalid Unicode") != NULL;
}

static bool is_hidden(const json_t *masked)
{
    return json_is_string(masked) && strcmp(json_string_value(masked), "***") == 0;
}

static void check_shape(const json_t *whole, const json_t *masked)
{
    const char *name;
    json_t *member;
    size_t i;

    if (!json_is_object(whole) && !json_is_array(whole)) {
        assert(is_hidden(masked) || json_equal(whole, masked));
        return;
    }
    assert(json_typeof(whole) == json_typeof(masked));
    assert(json_object_size(whole) == json_object_size(masked));
    assert(json_array_size(whole) == json_array_size(masked));
    json_object_foreach((json_t *) whole, name, member) {
        assert(strcmp(name, "email") != 0 || !json_is_string(member)
               || is_hidden(json_object_get(masked, name)));
        check_shape(member, json_object_get(masked, name));
    }
    json_array_foreach(whole, i, member)
        check_shape(member, json_array_get(masked, i));
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const struct bytes shown = bytes_of(mask_json(arena, input));
    json_error_t error = { .text = "" };
    const json_t *masked = load(arena, shown, &error), *whole;

    assert(masked != NULL || is_beyond_jansson(&error));
    whole = load(arena, input, &error);
    if (whole != NULL && masked != NULL && !is_hidden(masked))
        check_shape(whole, masked);
    assert(bytes_equal(bytes_of(mask_json(arena, shown)), shown));
}
