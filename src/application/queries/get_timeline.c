#include "application/queries.h"

#include "application/audit/masking.h"

static void mask(struct ctx *ctx, struct timeline *timeline)
{
    for (int i = 0; i < timeline->count; i++)
        timeline->items[i].request_body = mask_request(ctx->arena, timeline->items[i].request_body);
}

const struct problem *get_timeline(struct ctx *ctx, const char *payment_id,
                                   struct timeline *timeline_out)
{
    struct payment_id id;

    timeline_out->found = false;
    if (payment_id_parse(payment_id, &id))
        TRY(store_timeline_read(ctx, id, ctx_owner_limit(ctx), timeline_out));
    if (!timeline_out->found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    mask(ctx, timeline_out);
    return OK;
}
