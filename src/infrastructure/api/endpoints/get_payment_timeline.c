#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/output/json_out.h"

static void write_item(struct text *text, const struct timeline_item *item)
{
    text_append_char(text, '{');
    json_out_time(text, "at", item->at_ms);
    json_out_text(text, "kind", item->kind);
    json_out_text(text, "summary", item->summary);
    json_out_optional(text, "traceId", item->trace_id);
    json_out_raw(text, "details", item->details);
    if (item->request_body[0] != '\0')
        json_out_text(text, "request", item->request_body);
    text_append_char(text, '}');
}

const struct problem *get_payment_timeline(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct timeline *timeline = arena_alloc(ctx->arena, sizeof(*timeline));
    struct text data = text_new(ctx->arena);

    TRY(get_timeline(ctx, request->id, timeline));
    text_append_char(&data, '[');
    for (int i = 0; i < timeline->count; i++) {
        text_append(&data, i > 0 ? "," : "");
        write_item(&data, &timeline->items[i]);
    }
    text_append_char(&data, ']');
    *answer_out = envelope(ctx, 200, text_bytes(&data),
                           arena_printf(ctx->arena, "{\"count\":%d,\"more\":%s}", timeline->count,
                                        timeline->more ? "true" : "false"));
    return OK;
}
