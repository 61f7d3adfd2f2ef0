#include "application/queries.h"
#include "application/store/store_refunds.h"

const struct problem *list_refunds(struct ctx *ctx, struct payment_id payment_id,
                                   struct refund **refunds_out, int *count_out)
{
    bool found;

    TRY(store_refunds_list(ctx, payment_id, ctx_owner_limit(ctx), refunds_out, count_out, &found));
    if (!found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    return OK;
}
