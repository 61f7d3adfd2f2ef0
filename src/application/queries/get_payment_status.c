#include "application/queries.h"

const struct problem *get_payment_status(struct ctx *ctx, const char *order_id,
                                         struct payment *payment_out)
{
    struct order_id id;
    bool found = false;

    if (order_id_parse(order_id, &id))
        TRY(store_order_payment_find(ctx, id, ctx_owner_limit(ctx), payment_out, &found));
    if (!found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "This order has no payment.");
    return OK;
}
