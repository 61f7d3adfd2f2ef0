/* The history of an adopted order or payment, and the events that announce it. */
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
    store_history_insert(ctx, &(struct change) {
        .order_id = order->id,
        .action = "order.adopted",
        .body = body_of(ctx, order->amount, order->created_at_ms),
        .event = DOMAIN_EVENT_ORDER_CREATED,
        .payload = order_json(ctx, order),
    });
}

void history_payment_adopted(struct ctx *ctx, const struct payment *payment)
{
    store_history_insert(ctx, &(struct change) {
        .order_id = payment->order_id,
        .payment_id = payment->id,
        .action = "payment.adopted",
        .body = body_of(ctx, payment->amount, payment->created_at_ms),
        .event = DOMAIN_EVENT_PAYMENT_CREATED,
        .payload = payment_json(ctx, payment),
    });
}
