#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"

const struct problem *get_order_payment_status(struct ctx *ctx, const struct request *request,
                                               struct answer *answer_out)
{
    struct order_id id;
    struct payment payment;

    TRY(read_order_id(ctx, request, &id));
    TRY(get_payment_status(ctx, id.text, &payment));
    *answer_out = answer_payment(ctx, 200, &payment);
    return OK;
}
