#include "application/queries.h"

const struct problem *get_webhook_event(struct ctx *ctx, const char *inbox_id,
                                        struct webhook_event_details *details_out)
{
    struct inbox_id id;

    if (!inbox_id_parse(inbox_id, &id))
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such webhook event.");
    TRY(store_inbox_event_read(ctx, id, details_out));
    return details_out->found ? OK : problem_new(ctx->arena, PROBLEM_NOT_FOUND,
                                                 "There is no such webhook event.");
}
