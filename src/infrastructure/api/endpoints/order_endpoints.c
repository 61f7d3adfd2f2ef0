/* One order: made, shown, checked out, and how its payment is doing. */
#include <stdio.h>

#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/idempotency_header.h"
#include "infrastructure/api/input/fields.h"

/*
 * All customers share one name space of order ids. A customer who could choose an id would learn
 * which ones are taken, and could take the numbers that the shop is going to use.
 */
static const char *read_chosen_id(const struct ctx *ctx, struct fields *fields)
{
    if (ctx->actor.role < ROLE_SHOP && fields_has(fields, "id"))
        fields_fault(fields, "id",
                     "can be set only with a token of the role shop or admin; leave it out");
    return fields_order_id(fields, "id");
}

/* ownerId is a member only for a key, which speaks for all customers; a token is one. */
static struct order read_order(const struct ctx *ctx, struct fields *fields)
{
    struct order order = { 0 };
    const char *currency = fields_currency(fields, "currency", FIELD_REQUIRED);

    if (ctx->actor.kind == ACTOR_KEY)
        snprintf(order.owner_id, sizeof(order.owner_id), "%s",
                 fields_text(fields, "ownerId", FIELD_OPTIONAL, sizeof(order.owner_id) - 1));
    order.amount = fields_money(fields, currency);
    order.metadata_json = fields_metadata(fields, "metadata");
    snprintf(order.id.text, sizeof(order.id.text), "%s", read_chosen_id(ctx, fields));
    snprintf(order.description, sizeof(order.description), "%s",
             fields_text(fields, "description", FIELD_OPTIONAL, sizeof(order.description) - 1));
    snprintf(order.customer_email, sizeof(order.customer_email), "%s",
             fields_email(fields, "customerEmail"));
    return order;
}

const struct problem *post_order(struct ctx *ctx, const struct request *request,
                                 struct answer *answer_out)
{
    struct create_order command;
    struct json_body body;
    struct fields fields;

    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    command.order = read_order(ctx, &fields);
    TRY(fields_finish(&fields));
    TRY(idempotency_key_read(ctx, request, &body, &command.key));
    return create_order(ctx, &command, answer_out);
}

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
