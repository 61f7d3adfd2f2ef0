/* Turns a call's outcome into news of its payment or refund. */
#include "payment_news.h"

#include <stdio.h>
#include <string.h>

struct provider_payment news_of_refusal(const struct ctx *ctx, struct payment_id id,
                                        const struct provider_outcome *outcome)
{
    struct provider_payment news = { .payment_id = id };
    struct payment_snapshot *snapshot = &news.facts.snapshot;

    news.facts.closed = PAYMENT_CLOSED_FAILED;
    snapshot->at_s = ctx->now_ms / 1000;
    snapshot->progress = PROGRESS_FAILED;
    snprintf(snapshot->failure_code, sizeof(snapshot->failure_code), "%s", outcome->failure_code);
    snprintf(snapshot->failure_reason, sizeof(snapshot->failure_reason), "%s",
             outcome->failure_reason);
    return news;
}

/* The only place of this rule; the header says why. */
static bool verdict_counts(enum provider_verdict verdict, bool object_is_known)
{
    return verdict == VERDICT_DONE || !object_is_known;
}

bool payment_object_is_known(const struct payment *payment)
{
    return payment->facts.captured_minor > 0 || payment->provider_ref[0] != '\0'
        || payment->provider_intent[0] != '\0';
}

bool payment_verdict_counts(const struct payment *payment, enum provider_verdict verdict)
{
    return verdict_counts(verdict, payment_object_is_known(payment));
}

struct provider_refund news_of_refused_refund(const struct refund *refund,
                                              const struct provider_outcome *outcome)
{
    struct provider_refund news = {
        .refund_id = refund->id,
        .amount_minor = refund->amount.minor,
        .status = REFUND_FAILED,
    };

    memcpy(news.currency, refund->amount.currency, sizeof(news.currency));
    memcpy(news.failure_reason, outcome->failure_code, sizeof(outcome->failure_code));
    return news;
}

bool refund_object_is_known(const struct refund *refund)
{
    return refund->provider_ref[0] != '\0';
}

bool refund_verdict_counts(const struct refund *refund, enum provider_verdict verdict)
{
    return verdict_counts(verdict, refund_object_is_known(refund));
}

int64_t occurrence_ms(const struct ctx *ctx, const struct payment *payment, int64_t told_at_s)
{
    const int64_t end_ms = told_at_s * 1000 + 999;

    if (told_at_s <= 0 || told_at_s >= ctx->now_ms / 1000)
        return ctx->now_ms;
    return end_ms < payment->created_at_ms ? payment->created_at_ms : end_ms;
}
