#include "application/answer.h"

#include "json_out.h"

struct bytes refund_json(struct ctx *ctx, const struct refund *refund)
{
    struct text text = text_new(ctx->arena);

    text_append_char(&text, '{');
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
    text_append_char(&text, '}');
    return text_bytes(&text);
}

struct answer answer_refund(struct ctx *ctx, int http_status, const struct refund *refund)
{
    const char *url = arena_printf(ctx->arena, "/api/v1/payments/%s/refunds",
                                   refund->payment_id.text);

    return envelope(ctx, http_status, refund_json(ctx, refund),
                    meta_of_accepted(ctx, http_status, url));
}
