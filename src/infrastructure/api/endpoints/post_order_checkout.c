#include "application/commands.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/idempotency_header.h"
#include "infrastructure/api/input/fields.h"

static void read_checkout(struct ctx *ctx, struct fields *fields, struct checkout_order *command)
{
    const char *origins = ctx->settings->return_url_origins;

    command->currency = fields_currency(fields, "currency", FIELD_OPTIONAL);
    command->provider = fields_text(fields, "provider", FIELD_OPTIONAL, PROVIDER_NAME_MAX - 1);
    command->return_url = fields_url(fields, "returnUrl", origins);
    command->cancel_url = fields_url(fields, "cancelUrl", origins);
    command->customer_email = fields_email(fields, "customerEmail");
}

const struct problem *post_order_checkout(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out)
{
    struct checkout_order command;
    struct json_body body;
    struct fields fields;

    TRY(read_order_id(ctx, request, &command.order_id));
    TRY(json_body_read(ctx, request, BODY_OPTIONAL, &body));
    fields = fields_new(ctx->arena, &body);
    read_checkout(ctx, &fields, &command);
    TRY(fields_finish(&fields));
    TRY(idempotency_key_read(ctx, request, &body, &command.key));
    return checkout_order(ctx, &command, answer_out);
}
