#include "application/commands.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/fields.h"

#define REASON_BYTES_MAX 500

ENDPOINT(post_payment_review)
{
    struct payment_id id;
    struct json_body body;
    struct fields fields;
    const char *reason;

    TRY(read_payment_id(ctx, request, &id));
    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    reason = fields_text(&fields, "reason", FIELD_REQUIRED, REASON_BYTES_MAX);
    TRY(fields_finish(&fields));
    return review_payment(ctx, id.text, reason, answer_out);
}
