/* Records a refund's intent and the frozen request of its call. */
#include "open_refund.h"

#include <stdio.h>

#include "base/log.h"
#include "history_refund.h"
#include "refund_identity.h"

const struct problem *refund_too_much(struct ctx *ctx, const struct payment *payment,
                                      const char *pointer)
{
    struct money left = payment->amount;
    struct problem *problem;
    char decimal[MONEY_TEXT_MAX];

    left.minor = refund_allowed(payment);
    money_print_decimal(left, decimal);
    problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                          "No more than %s %s is left to refund.", decimal, left.currency);
    problem_add_field(ctx->arena, problem, pointer, "must be at most %s, what is left to refund",
                      decimal);
    problem_add_number(problem, "refundableMinor", left.minor);
    return problem;
}

static struct refund refund_of(const struct ctx *ctx, const struct payment *payment,
                               const struct refund_intent *intent)
{
    struct refund refund = {
        .id = intent->id,
        .payment_id = payment->id,
        .amount = payment->amount,
        .status = REFUND_PENDING,
        .origin = intent->origin,
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    refund.amount.minor = intent->amount_minor;
    snprintf(refund.provider, sizeof(refund.provider), "%s", payment->provider);
    snprintf(refund.client_key, sizeof(refund.client_key), "%s", intent->client_key);
    snprintf(refund.reason, sizeof(refund.reason), "%s", intent->reason);
    return refund;
}

const struct problem *open_refund(struct ctx *ctx, struct payment *payment,
                                  const struct refund_intent *intent, struct refund *refund_out,
                                  struct provider_call *call_out)
{
    const struct provider *provider = ctx_find_provider(ctx, payment->provider);
    struct refund refund = refund_of(ctx, payment, intent);
    struct provider_call call = {
        .id = intent->call_id,
        .payment_id = payment->id,
        .refund_id = refund.id,
        .provider = payment->provider,
        .attempts = intent->call_now ? 1 : 0,
        .started_at_ms = ctx->now_ms,
    };

    if (provider == NULL)
        return problem_new(ctx->arena, PROBLEM_PROVIDER_MISCONFIGURED,
                           "The payment's provider is not configured on this server.");
    TRY(provider->write_refund(ctx, payment, &refund, &call.request));
    store_refund_insert(ctx, &refund);
    store_call_insert(ctx, &call, intent->call_now && provider->repeats_safely);
    history_refund_created(ctx, payment, &refund);
    payment->refund_held_minor += refund.amount.minor;
    *refund_out = refund;
    *call_out = call;
    return OK;
}

void open_refund_of_surplus(struct ctx *ctx, struct payment *payment, int64_t amount_minor,
                            const char *key)
{
    struct refund_intent intent = {
        .id = refund_id_of(payment->id, key),
        .amount_minor = amount_minor,
        .origin = REFUND_OF_SURPLUS,
        .client_key = "",
        .reason = "duplicate",
    };
    const struct problem *problem;
    struct refund refund;
    struct provider_call call;

    ctx_new_id(ctx, "pca", intent.call_id.text);
    problem = open_refund(ctx, payment, &intent, &refund, &call);
    if (problem != OK)
        log_event(LOG_LEVEL_ERROR, "surplus_not_refunded", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("payment_id", payment->id.text), LOG_TEXT("problem", problem->detail));
}
