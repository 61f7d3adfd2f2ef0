/* Orders, payments, refunds and disputes as JSON, alone and as the answer to a request. */
#include "answer_json.h"
#include "application/answer.h"

/* --- Orders -------------------------------------------------------------------------------- */

struct bytes order_json(struct ctx *ctx, const struct order *order)
{
    struct text text = json_out_begin(ctx->arena);

    json_out_text(&text, "id", order->id.text);
    json_out_money(&text, "amount", order->amount);
    json_out_text(&text, "currency", order->amount.currency);
    json_out_text(&text, "status", order_status_name(order->status));
    json_out_optional(&text, "description", order->description);
    json_out_optional(&text, "customerEmail", order->customer_email);
    json_out_raw(&text, "metadata", order->metadata_json != NULL ? order->metadata_json : "{}");
    json_out_time(&text, "createdAt", order->created_at_ms);
    json_out_time(&text, "updatedAt", order->updated_at_ms);
    return json_out_end(&text);
}

struct answer answer_order(struct ctx *ctx, int http_status, const struct order *order)
{
    return envelope(ctx, http_status, order_json(ctx, order), NULL);
}

/* --- Payments ------------------------------------------------------------------------------ */

/* Why the last attempt failed; null once the money has arrived. */
static void write_failure(struct text *text, const struct payment_facts *facts)
{
    bool paid = facts->captured_minor > 0;

    json_out_optional(text, "failureReason", paid ? "" : facts->snapshot.failure_reason);
    json_out_optional(text, "failureCode", paid ? "" : facts->snapshot.failure_code);
}

static void write_provider(struct text *text, const struct payment *payment)
{
    json_out_text(text, "provider", payment->provider);
    json_out_optional(text, "externalId", payment->provider_ref);
    json_out_optional(text, "checkoutUrl", payment->checkout_url);
}

static void write_part(struct text *text, const char *name, const struct payment *payment,
                       int64_t minor)
{
    struct money part = payment->amount;

    part.minor = minor;
    json_out_money(text, name, part);
}

static void write_times(struct text *text, const struct payment *payment)
{
    json_out_time(text, "expiresAt", payment->expires_at_ms);
    json_out_time(text, "createdAt", payment->created_at_ms);
    json_out_time(text, "updatedAt", payment->updated_at_ms);
    json_out_time(text, "completedAt", payment->completed_at_ms);
}

static struct text begin_payment(struct ctx *ctx, const struct payment *payment)
{
    struct text text = json_out_begin(ctx->arena);

    json_out_text(&text, "id", payment->id.text);
    json_out_text(&text, "orderId", payment->order_id.text);
    json_out_money(&text, "amount", payment->amount);
    json_out_text(&text, "currency", payment->amount.currency);
    json_out_text(&text, "status", payment_status_name(payment->status));
    write_provider(&text, payment);
    write_failure(&text, &payment->facts);
    write_part(&text, "capturedAmount", payment, payment->facts.captured_minor);
    write_part(&text, "refundedAmount", payment, payment->facts.refunded_minor);
    json_out_text(&text, "dispute", dispute_status_name(payment->dispute));
    json_out_bool(&text, "surplus", payment->surplus);
    json_out_bool(&text, "needsReview", payment->needs_review);
    write_times(&text, payment);
    return text;
}

struct bytes payment_json(struct ctx *ctx, const struct payment *payment)
{
    struct text text = begin_payment(ctx, payment);

    return json_out_end(&text);
}

struct bytes payment_json_with(struct ctx *ctx, const struct payment *payment, const char *name,
                               const char *value)
{
    struct text text = begin_payment(ctx, payment);

    json_out_optional(&text, name, value);
    return json_out_end(&text);
}

struct answer answer_payment(struct ctx *ctx, int http_status, const struct payment *payment)
{
    const char *url = arena_printf(ctx->arena, "/api/v1/orders/%s/payment-status",
                                   payment->order_id.text);

    return envelope(ctx, http_status, payment_json(ctx, payment),
                    meta_of_accepted(ctx, http_status, url));
}

/* --- Refunds and disputes ------------------------------------------------------------------ */

struct bytes refund_json(struct ctx *ctx, const struct refund *refund)
{
    struct text text = json_out_begin(ctx->arena);

    json_out_text(&text, "id", refund->id.text);
    json_out_text(&text, "paymentId", refund->payment_id.text);
    json_out_money(&text, "amount", refund->amount);
    json_out_text(&text, "currency", refund->amount.currency);
    json_out_text(&text, "status", refund_status_name(refund->status));
    json_out_optional(&text, "reason", refund->reason);
    json_out_optional(&text, "failureReason", refund->failure_reason);
    json_out_text(&text, "origin", refund_origin_name(refund->origin));
    json_out_optional(&text, "externalId", refund->provider_ref);
    json_out_time(&text, "createdAt", refund->created_at_ms);
    json_out_time(&text, "updatedAt", refund->updated_at_ms);
    return json_out_end(&text);
}

struct answer answer_refund(struct ctx *ctx, int http_status, const struct refund *refund)
{
    const char *url = arena_printf(ctx->arena, "/api/v1/payments/%s/refunds",
                                   refund->payment_id.text);

    return envelope(ctx, http_status, refund_json(ctx, refund),
                    meta_of_accepted(ctx, http_status, url));
}

static void write_disputed(struct text *text, const char *name, const struct dispute *dispute,
                           int64_t minor)
{
    struct money amount = { .minor = minor };

    memcpy(amount.currency, dispute->currency, sizeof(amount.currency));
    json_out_money(text, name, amount);
}

struct bytes dispute_json(struct ctx *ctx, const struct dispute *dispute)
{
    const struct dispute_facts *facts = &dispute->facts;
    struct text text = json_out_begin(ctx->arena);

    json_out_text(&text, "id", dispute->id.text);
    json_out_text(&text, "paymentId", dispute->payment_id.text);
    write_disputed(&text, "amount", dispute, facts->amount_minor);
    json_out_text(&text, "currency", dispute->currency);
    json_out_text(&text, "status", dispute_status_name(facts->fact.status));
    json_out_optional(&text, "providerStatus", facts->provider_status);
    json_out_optional(&text, "reason", facts->reason);
    json_out_time(&text, "dueAt", facts->due_at_s * 1000);
    write_disputed(&text, "withdrawnAmount", dispute, facts->withdrawn_minor);
    write_disputed(&text, "reinstatedAmount", dispute, facts->reinstated_minor);
    json_out_optional(&text, "externalId", dispute->provider_ref);
    json_out_time(&text, "createdAt", dispute->created_at_ms);
    json_out_time(&text, "updatedAt", dispute->updated_at_ms);
    return json_out_end(&text);
}
