#include "application/queries.h"

const struct problem *get_order(struct ctx *ctx, const char *order_id, struct order *order_out)
{
    struct order_id id;
    bool found = false;

    if (order_id_parse(order_id, &id))
        TRY(store_order_find(ctx, id, ctx_owner_limit(ctx), order_out, &found));
    if (!found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such order.");
    return OK;
}
