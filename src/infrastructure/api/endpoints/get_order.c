#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"

const struct problem *get_order_by_id(struct ctx *ctx, const struct request *request,
                                      struct answer *answer_out)
{
    struct order_id id;
    struct order order;

    TRY(read_order_id(ctx, request, &id));
    TRY(get_order(ctx, id.text, &order));
    *answer_out = answer_order(ctx, 200, &order);
    return OK;
}
