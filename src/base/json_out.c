/* Writes JSON with its commas, quotes and escapes. */
#include "base/json_out.h"

#include "base/rfc3339.h"

static void begin_value(struct text *text, const char *name)
{
    if (text->size > 0 && strchr("{[", text->data[text->size - 1]) == NULL)
        text_append_char(text, ',');
    if (name == NULL)
        return;
    text_append_json_string(text, name);
    text_append_char(text, ':');
}

struct text json_out_begin(struct arena *arena)
{
    struct text text = text_new(arena);

    json_out_object(&text, NULL);
    return text;
}

struct bytes json_out_end(struct text *text)
{
    json_out_object_end(text);
    return text_bytes(text);
}

void json_out_object(struct text *text, const char *name)
{
    begin_value(text, name);
    text_append_char(text, '{');
}

void json_out_object_end(struct text *text)
{
    text_append_char(text, '}');
}

void json_out_array(struct text *text, const char *name)
{
    begin_value(text, name);
    text_append_char(text, '[');
}

void json_out_array_end(struct text *text)
{
    text_append_char(text, ']');
}

void json_out_text(struct text *text, const char *name, const char *value)
{
    begin_value(text, name);
    text_append_json_string(text, value);
}

void json_out_optional(struct text *text, const char *name, const char *value)
{
    json_out_text(text, name, *value != '\0' ? value : NULL);
}

void json_out_time(struct text *text, const char *name, int64_t at_ms)
{
    char moment[RFC3339_TEXT_MAX];

    if (at_ms != 0)
        rfc3339_print(at_ms, moment);
    json_out_text(text, name, at_ms != 0 ? moment : NULL);
}

void json_out_bool(struct text *text, const char *name, bool value)
{
    json_out_raw(text, name, value ? "true" : "false");
}

void json_out_i64(struct text *text, const char *name, int64_t value)
{
    begin_value(text, name);
    text_append_i64(text, value);
}

void json_out_null(struct text *text, const char *name)
{
    json_out_text(text, name, NULL);
}

void json_out_raw(struct text *text, const char *name, const char *json)
{
    begin_value(text, name);
    text_append(text, json);
}
