#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/webhook_event_json.h"

const struct problem *get_webhook_event_by_id(struct ctx *ctx, const struct request *request,
                                              struct answer *answer_out)
{
    struct webhook_event_details *details = arena_alloc(ctx->arena, sizeof(*details));
    struct text data = text_new(ctx->arena);

    TRY(get_webhook_event(ctx, request->id, details));
    webhook_event_details_json(&data, details);
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}
