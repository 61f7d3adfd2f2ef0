/* Writes the sums of rejected webhooks to the audit and the log. */
#include "application/commands.h"

#include "application/inbox/rejections.h"
#include "application/provider.h"
#include "application/settling/history.h"
#include "application/transaction.h"
#include "base/log.h"

/* The actor is the provider whose endpoint the webhooks came to. */
static void tell(struct ctx *ctx, const char *provider, enum signature_verdict verdict,
                 const struct rejected_webhooks *sum)
{
    ctx->actor = (struct actor) { ROLE_NONE, provider, ACTOR_WEBHOOK };
    history_webhooks_rejected(ctx, sum);
    log_event(LOG_LEVEL_WARN, "webhooks_rejected", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("provider", provider), LOG_TEXT("cause", signature_verdict_name(verdict)),
              LOG_NUMBER("count", sum->count), LOG_NUMBER("body_bytes", sum->body_bytes));
}

static const struct problem *tell_all(struct ctx *ctx, void *argument)
{
    const struct rejection_report *report = argument;

    for (int at = 0; at < PROVIDERS_MAX && ctx->providers[at] != NULL; at++)
        for (enum signature_verdict verdict = 0; verdict < SIGNATURE_VERDICTS; verdict++) {
            const struct rejected_webhooks sum = {
                .cause = signature_verdict_name(verdict),
                .count = report->sums[at][verdict].count,
                .body_bytes = report->sums[at][verdict].body_bytes,
                .since_ms = report->since_ms,
            };

            if (sum.count > 0)
                tell(ctx, ctx->providers[at]->name, verdict, &sum);
        }
    return OK;
}

void tell_rejections(struct ctx *ctx, bool at_once)
{
    const struct problem *problem;
    struct rejection_report report;

    if (!rejections_take(ctx->rejections, at_once, ctx->now_ms, &report))
        return;
    problem = in_transaction(ctx, tell_all, &report);
    if (problem == OK)
        return;
    rejections_put_back(ctx->rejections, &report, ctx->now_ms);
    log_event(LOG_LEVEL_WARN, "rejections_not_told", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("cause", problem->cause));
}
