#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/fields.h"

const struct problem *read_no_members(struct ctx *ctx, const struct request *request)
{
    struct json_body body;
    struct fields fields;

    TRY(json_body_read(ctx, request, BODY_OPTIONAL, &body));
    fields = fields_new(ctx->arena, &body);
    return fields_finish(&fields);
}
