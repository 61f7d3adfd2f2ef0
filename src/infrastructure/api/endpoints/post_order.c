#include <stdio.h>

#include "application/commands.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/fields.h"
#include "infrastructure/api/idempotency_header.h"

static struct order read_order(struct fields *fields)
{
    struct order order = { 0 };
    const char *currency = fields_currency(fields, "currency", FIELD_REQUIRED);

    order.amount = fields_money(fields, currency);
    order.metadata_json = fields_metadata(fields, "metadata");
    snprintf(order.id.text, sizeof(order.id.text), "%s", fields_order_id(fields, "id"));
    snprintf(order.description, sizeof(order.description), "%s",
             fields_text(fields, "description", FIELD_OPTIONAL, sizeof(order.description) - 1));
    snprintf(order.customer_email, sizeof(order.customer_email), "%s",
             fields_email(fields, "customerEmail"));
    return order;
}

ENDPOINT(post_order)
{
    struct create_order command;
    struct json_body body;
    struct fields fields;

    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    command.order = read_order(&fields);
    TRY(fields_finish(&fields));
    TRY(idempotency_key_read(ctx, request, &body, &command.key));
    return create_order(ctx, &command, answer_out);
}
