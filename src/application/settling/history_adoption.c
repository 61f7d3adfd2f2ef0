/* Audit rows and domain events of an adopted order or payment. */
#include "history_adoption.h"

#include "base/json_out.h"

static struct bytes body_of(struct ctx *ctx, struct money amount, int64_t created_at_ms)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_i64(&body, "amountMinor", amount.minor);
    json_out_text(&body, "currency", amount.currency);
    json_out_i64(&body, "createdAtMs", created_at_ms);
    return json_out_end(&body);
}

void history_order_adopted(struct ctx *ctx, const struct order *order)
{
    struct payment_id no_payment = { "" };

    store_audit_insert(ctx, order->id, no_payment, "order.adopted",
                       body_of(ctx, order->amount, order->created_at_ms));
    store_outbox_insert(ctx, order->id, no_payment, DOMAIN_EVENT_ORDER_CREATED,
                        order_json(ctx, order));
}

void history_payment_adopted(struct ctx *ctx, const struct payment *payment)
{
    store_audit_insert(ctx, payment->order_id, payment->id, "payment.adopted",
                       body_of(ctx, payment->amount, payment->created_at_ms));
    store_outbox_insert(ctx, payment->order_id, payment->id, DOMAIN_EVENT_PAYMENT_CREATED,
                        payment_json(ctx, payment));
}
