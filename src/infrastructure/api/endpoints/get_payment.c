#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"

const struct problem *get_payment_by_id(struct ctx *ctx, const struct request *request,
                                        struct answer *answer_out)
{
    struct payment_id id;
    struct payment payment;

    TRY(read_payment_id(ctx, request, &id));
    TRY(get_payment(ctx, id.text, &payment));
    *answer_out = answer_payment(ctx, 200, &payment);
    return OK;
}
