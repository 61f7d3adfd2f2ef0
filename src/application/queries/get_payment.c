#include "application/queries.h"

const struct problem *get_payment(struct ctx *ctx, const char *payment_id,
                                  struct payment *payment_out)
{
    struct payment_id id;
    bool found = false;

    if (payment_id_parse(payment_id, &id))
        TRY(store_payment_find(ctx, id, ctx_owner_limit(ctx), payment_out, &found));
    if (!found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    return OK;
}
