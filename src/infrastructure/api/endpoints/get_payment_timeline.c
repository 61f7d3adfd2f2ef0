#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/output/answer_json.h"

static void write_item(struct text *text, const struct timeline_item *item)
{
    json_out_object(text, NULL);
    json_out_time(text, "at", item->at_ms);
    json_out_text(text, "kind", item->kind);
    json_out_text(text, "summary", item->summary);
    json_out_optional(text, "traceId", item->trace_id);
    json_out_raw(text, "details", item->details);
    if (item->request_body[0] != '\0')
        json_out_text(text, "request", item->request_body);
    json_out_object_end(text);
}

const struct problem *get_payment_timeline(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct timeline *timeline = arena_alloc(ctx->arena, sizeof(*timeline));
    struct text data = text_new(ctx->arena), meta = json_out_begin(ctx->arena);

    TRY(get_timeline(ctx, request->id, timeline));
    json_out_array(&data, NULL);
    for (int i = 0; i < timeline->count; i++)
        write_item(&data, &timeline->items[i]);
    json_out_array_end(&data);
    json_out_i64(&meta, "count", timeline->count);
    json_out_bool(&meta, "more", timeline->more);
    *answer_out = envelope(ctx, 200, text_bytes(&data), json_out_end(&meta).data);
    return OK;
}
