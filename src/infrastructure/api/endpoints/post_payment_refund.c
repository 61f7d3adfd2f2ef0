#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/fields.h"
#include "infrastructure/api/idempotency_header.h"

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

static const struct problem *read_body(struct ctx *ctx, const struct json_body *body,
                                       const struct payment *payment,
                                       struct refund_payment *command)
{
    struct fields fields = fields_new(ctx->arena, body);

    command->currency = fields_currency(&fields, "currency", FIELD_OPTIONAL);
    command->amount_minor = fields_money_optional(&fields, payment->amount.currency).minor;
    command->reason = read_reason(&fields);
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

/* The payment is read first: its currency says what the digits of an amount mean. */
ENDPOINT(post_payment_refund)
{
    struct refund_payment command;
    struct payment payment;
    struct json_body body;

    TRY(read_payment_id(ctx, request, &command.payment_id));
    TRY(json_body_read(ctx, request, BODY_OPTIONAL, &body));
    TRY(read_key(ctx, request, &body, &command.key));
    TRY(get_payment(ctx, command.payment_id.text, &payment));
    TRY(read_body(ctx, &body, &payment, &command));
    return refund_payment(ctx, &command, answer_out);
}
