#include "infrastructure/api/json_out.h"

#include <time.h>

static void begin_member(struct text *text, const char *name)
{
    if (text->size > 0 && text->data[text->size - 1] != '{')
        text_append_char(text, ',');
    text_append_json_string(text, name);
    text_append_char(text, ':');
}

void json_out_text(struct text *text, const char *name, const char *value)
{
    begin_member(text, name);
    text_append_json_string(text, value);
}

void json_out_optional(struct text *text, const char *name, const char *value)
{
    json_out_text(text, name, *value != '\0' ? value : NULL);
}

void json_out_time(struct text *text, const char *name, int64_t at_ms)
{
    json_out_text(text, name, at_ms != 0 ? rfc3339(text->arena, at_ms) : NULL);
}

void json_out_bool(struct text *text, const char *name, bool value)
{
    json_out_raw(text, name, value ? "true" : "false");
}

void json_out_raw(struct text *text, const char *name, const char *json)
{
    begin_member(text, name);
    text_append(text, json);
}

void json_out_money(struct text *text, const char *name, struct money amount)
{
    char decimal[MONEY_TEXT_MAX];

    money_print_decimal(amount, decimal);
    json_out_raw(text, name, decimal);
    begin_member(text, arena_printf(text->arena, "%sMinor", name));
    text_append_i64(text, amount.minor);
}

/* The number with that many digits, and the mark behind it. */
static char *put_number(char *next, int number, int digits, char mark)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        next[i] = (char) ('0' + number % 10);
    next[digits] = mark;
    return next + digits + 1;
}

const char *rfc3339(struct arena *arena, int64_t at_ms)
{
    char *text = arena_alloc(arena, sizeof("2026-01-31T23:59:59.999Z")), *next = text;
    time_t at_s = at_ms / 1000;
    struct tm utc;

    gmtime_r(&at_s, &utc);
    next = put_number(next, utc.tm_year + 1900, 4, '-');
    next = put_number(next, utc.tm_mon + 1, 2, '-');
    next = put_number(next, utc.tm_mday, 2, 'T');
    next = put_number(next, utc.tm_hour, 2, ':');
    next = put_number(next, utc.tm_min, 2, ':');
    next = put_number(next, utc.tm_sec, 2, '.');
    (void) put_number(next, (int) (at_ms % 1000), 3, 'Z');
    return text;
}

struct answer envelope(struct ctx *ctx, int http_status, struct bytes data, const char *meta)
{
    struct text text = text_new(ctx->arena);

    text_printf(&text, "{\"success\":true,\"statusCode\":%d,\"data\":", http_status);
    text_append_bytes(&text, data);
    if (meta != NULL)
        text_printf(&text, ",\"meta\":%s", meta);
    text_append_char(&text, '}');
    return (struct answer) { .http_status = http_status, .body = text_bytes(&text) };
}
