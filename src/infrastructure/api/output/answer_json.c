/* The envelope of an answer, the meta of a 202, and money as two members. */
#include "answer_json.h"

#include <stdio.h>

#define MEMBER_NAME_MAX 64

void json_out_money(struct text *text, const char *name, struct money amount)
{
    char decimal[MONEY_TEXT_MAX], name_minor[MEMBER_NAME_MAX];

    money_print_decimal(amount, decimal);
    snprintf(name_minor, sizeof(name_minor), "%sMinor", name);
    json_out_raw(text, name, decimal);
    json_out_i64(text, name_minor, amount.minor);
}

struct answer envelope(struct ctx *ctx, int http_status, struct bytes data, const char *meta)
{
    struct text text = json_out_begin(ctx->arena);

    json_out_bool(&text, "success", true);
    json_out_i64(&text, "statusCode", http_status);
    json_out_raw(&text, "data", data.data);
    if (meta != NULL)
        json_out_raw(&text, "meta", meta);
    return (struct answer) { .http_status = http_status, .body = json_out_end(&text) };
}

const char *meta_of_accepted(struct ctx *ctx, int http_status, const char *status_url)
{
    struct text text;

    if (http_status != 202)
        return NULL;
    text = json_out_begin(ctx->arena);
    json_out_text(&text, "statusUrl", status_url);
    json_out_text(&text, "note", "The outcome is not known yet. Ask for it with a GET of statusUrl;"
                                 " do not repeat this request meanwhile.");
    return json_out_end(&text).data;
}
