#include "infrastructure/api/endpoints/endpoints.h"

const struct problem *read_order_id(struct ctx *ctx, const struct request *request,
                                    struct order_id *id_out)
{
    if (order_id_parse(request->id, id_out))
        return OK;
    return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such order.");
}

const struct problem *read_payment_id(struct ctx *ctx, const struct request *request,
                                      struct payment_id *id_out)
{
    if (payment_id_parse(request->id, id_out))
        return OK;
    return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
}
