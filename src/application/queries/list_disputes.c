#include "application/queries.h"
#include "application/store/store_disputes.h"

const struct problem *list_disputes(struct ctx *ctx, struct payment_id payment_id,
                                    struct dispute **disputes_out, int *count_out)
{
    bool found;

    TRY(store_disputes_list(ctx, payment_id, ctx_owner_limit(ctx), disputes_out, count_out,
                            &found));
    if (!found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    return OK;
}
