/* Answers as short texts that show what the tests ask for. */
#include "application/answer.h"

#include "base/text.h"

struct bytes order_json(struct ctx *ctx, const struct order *order)
{
    return bytes_of(arena_printf(ctx->arena, "order %s %s", order->id.text,
                                 order_status_name(order->status)));
}

struct bytes webhook_endpoint_json(struct ctx *ctx, const struct webhook_endpoint *endpoint)
{
    return bytes_of(arena_printf(ctx->arena, "endpoint %s", endpoint->id.text));
}

struct bytes payment_json(struct ctx *ctx, const struct payment *payment)
{
    return bytes_of(arena_printf(ctx->arena, "payment %s %s%s url=%s", payment->id.text,
                                 payment_status_name(payment->status),
                                 payment->needs_review ? " review" : "", payment->checkout_url));
}

struct bytes payment_json_with(struct ctx *ctx, const struct payment *payment, const char *name,
                               const char *value)
{
    return bytes_of(arena_printf(ctx->arena, "%s %s=%s", payment_json(ctx, payment).data, name,
                                 value));
}

struct bytes refund_json(struct ctx *ctx, const struct refund *refund)
{
    return bytes_of(arena_printf(ctx->arena, "refund %s %lld %s%s%s", refund->id.text,
                                 (long long) refund->amount.minor,
                                 refund_status_name(refund->status),
                                 refund->failure_reason[0] != '\0' ? " because=" : "",
                                 refund->failure_reason));
}

struct bytes dispute_json(struct ctx *ctx, const struct dispute *dispute)
{
    return bytes_of(arena_printf(ctx->arena, "dispute %s %lld %s", dispute->provider_ref,
                                 (long long) dispute->facts.amount_minor,
                                 dispute_status_name(dispute->facts.fact.status)));
}

struct answer answer_refund(struct ctx *ctx, int http_status, const struct refund *refund)
{
    return (struct answer) { .http_status = http_status, .body = refund_json(ctx, refund) };
}

struct answer answer_order(struct ctx *ctx, int http_status, const struct order *order)
{
    return (struct answer) { .http_status = http_status, .body = order_json(ctx, order) };
}

struct answer answer_payment(struct ctx *ctx, int http_status, const struct payment *payment)
{
    return (struct answer) { .http_status = http_status, .body = payment_json(ctx, payment) };
}

struct answer answer_problem(struct ctx *ctx, const struct problem *problem)
{
    const struct problem_kind *kind = problem_kind(problem->type);

    return (struct answer) {
        .http_status = kind->http_status,
        .body = bytes_of(arena_printf(ctx->arena, "problem %s: %s", kind->slug, problem->detail)),
        .retry_after_s = problem->retry_after_s,
        .problem = problem,
    };
}
