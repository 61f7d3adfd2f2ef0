/* What several endpoints read from a request. */
#include "endpoints.h"

#include "infrastructure/api/input/fields.h"

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

const struct problem *read_no_members(struct ctx *ctx, const struct request *request)
{
    struct json_body body;
    struct fields fields;

    TRY(json_body_read(ctx, request, BODY_OPTIONAL, &body));
    fields = fields_new(ctx->arena, &body);
    return fields_finish(&fields);
}
