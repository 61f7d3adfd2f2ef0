/* POST /api/v1/payments/:id/refund: returns all of a payment or a part of it. */
#include "application/commands.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/idempotency_header.h"
#include "infrastructure/api/input/fields.h"

static const char *read_reason(struct fields *fields)
{
    static const char *const reasons[] = { "", "duplicate", "fraudulent", "requested_by_customer" };
    const char *text = fields_text(fields, "reason", FIELD_OPTIONAL, REFUND_REASON_MAX - 1);

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strcmp(text, reasons[i]) == 0)
            return text;
    fields_fault(fields, "reason", "must be duplicate, fraudulent or requested_by_customer");
    return "";
}

static const struct problem *read_terms(struct ctx *ctx, const void *body, const char *currency,
                                        struct refund_terms *terms_out)
{
    struct fields fields = fields_new(ctx->arena, body);

    terms_out->currency = fields_currency(&fields, "currency", FIELD_OPTIONAL);
    terms_out->amount_minor = fields_money_optional(&fields, currency).minor;
    terms_out->amount_pointer = json_pointer(ctx->arena, fields_money_name(&fields));
    terms_out->reason = read_reason(&fields);
    return fields_finish(&fields);
}

static const struct problem *read_key(struct ctx *ctx, const struct request *request,
                                      const struct json_body *body,
                                      const struct idempotency_key **key_out)
{
    TRY(idempotency_key_read(ctx, request, body, key_out));
    if (*key_out == NULL)
        return problem_new(ctx->arena, PROBLEM_IDEMPOTENCY_KEY_MISSING,
                           "A refund needs an Idempotency-Key header: one fresh key for each.");
    return OK;
}

const struct problem *post_payment_refund(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out)
{
    struct json_body body;
    struct refund_payment command = { .read_terms = read_terms, .body = &body };

    TRY(read_payment_id(ctx, request, &command.payment_id));
    TRY(json_body_read(ctx, request, BODY_OPTIONAL, &body));
    TRY(read_key(ctx, request, &body, &command.key));
    return refund_payment(ctx, &command, answer_out);
}
