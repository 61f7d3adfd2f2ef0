#include "json_out.h"

#include <assert.h>

#include "base/rfc3339.h"

#define MEMBER_HEAD_MAX 64

/* Our own names: there is nothing in them to escape. */
static void begin_member_of(struct text *text, const char *name, const char *ending)
{
    char head[MEMBER_HEAD_MAX], *next = head;

    assert(strlen(name) + strlen(ending) + 2 < sizeof(head));
    if (text->size > 0 && text->data[text->size - 1] != '{')
        *next++ = ',';
    *next++ = '"';
    next = stpcpy(stpcpy(next, name), ending);
    text_append_bytes(text, (struct bytes) { head, (size_t) (next - head) });
}

static void begin_member(struct text *text, const char *name)
{
    begin_member_of(text, name, "\":");
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

void json_out_i64(struct text *text, const char *name, int64_t value)
{
    begin_member(text, name);
    text_append_i64(text, value);
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
    begin_member_of(text, name, "Minor\":");
    text_append_i64(text, amount.minor);
}

const char *rfc3339(struct arena *arena, int64_t at_ms)
{
    char *text = arena_alloc(arena, RFC3339_TEXT_MAX);

    rfc3339_print(at_ms, text);
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

const char *meta_of_accepted(struct ctx *ctx, int http_status, const char *status_url)
{
    struct text text = text_new(ctx->arena);

    if (http_status != 202)
        return NULL;
    text_append_char(&text, '{');
    json_out_text(&text, "statusUrl", status_url);
    json_out_text(&text, "note", "The outcome is not known yet. Ask for it at statusUrl, a GET; do not"
                                 " repeat this request meanwhile.");
    text_append_char(&text, '}');
    return text_bytes(&text).data;
}
