/* Audit rows and domain events of an order or payment that was written down again. */
#include "history_adoption.h"

#include "base/text.h"

static struct bytes body_of(struct ctx *ctx, struct money amount, int64_t created_at_ms)
{
    struct text body = text_new(ctx->arena);

    text_printf(&body, "{\"amountMinor\":%lld,\"currency\":\"%s\",\"createdAtMs\":%lld}",
                (long long) amount.minor, amount.currency, (long long) created_at_ms);
    return text_bytes(&body);
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
