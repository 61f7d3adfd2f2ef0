/* Takes a webhook: checks sender and signature before anything is parsed, then accepts it. */
#include "application/commands.h"

#include "application/fault_problem.h"
#include "application/inbox/accept_event.h"
#include "application/inbox/rejections.h"
#include "application/provider.h"
#include "base/log.h"

/* --- Sender and signature ------------------------------------------------------------------ */

static int place_of(const struct ctx *ctx, const struct provider *provider)
{
    int at = 0;

    while (ctx->providers[at] != provider)
        at++;
    return at;
}

/* Counts the webhook; only the first of its kind in a minute is logged at once (rejections.h). */
static void count(struct ctx *ctx, const struct provider *provider, enum signature_verdict verdict,
                  struct bytes raw_body)
{
    if (rejections_count(ctx->rejections, place_of(ctx, provider), verdict, raw_body.size,
                         ctx->now_ms))
        log_event(LOG_LEVEL_WARN, "webhook_rejected", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("provider", provider->name),
                  LOG_TEXT("cause", signature_verdict_name(verdict)));
}

/* Rejects a sender of many bad signatures unread, for the rest of the minute. */
static const struct problem *check_sender(struct ctx *ctx, const struct provider *provider,
                                          const struct receive_webhook *command)
{
    int hold_s = rejections_hold_s(ctx->rejections, command->sender, ctx->now_ms);
    struct problem *problem;

    if (hold_s == 0 || !ctx->settings->rate_limits)
        return OK;
    count(ctx, provider, SIGNATURE_UNREAD, command->raw_body);
    problem = problem_new(ctx->arena, PROBLEM_RATE_LIMITED,
                          "Too many webhooks from this address had an invalid signature.");
    problem->retry_after_s = hold_s;
    return problem;
}

/* The client learns only that the signature does not fit; our log says which check failed. */
static const struct problem *check_signature(struct ctx *ctx, const struct provider *provider,
                                             const struct receive_webhook *command)
{
    enum signature_verdict verdict =
        provider->verify_webhook(ctx, provider, command->signature_header, command->raw_body);

    rejections_note_sender(ctx->rejections, command->sender, verdict == SIGNATURE_FITS,
                           ctx->now_ms);
    if (verdict == SIGNATURE_FITS)
        return OK;
    count(ctx, provider, verdict, command->raw_body);
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_WEBHOOK_SIGNATURE_INVALID,
                                       "The signature is not valid for this body at this time."),
                           "%s", signature_verdict_name(verdict));
}

/* --- The command --------------------------------------------------------------------------- */

const struct problem *receive_webhook(struct ctx *ctx, const struct receive_webhook *command,
                                      enum webhook_outcome *outcome_out)
{
    const struct provider *provider = ctx_find_provider(ctx, command->provider);
    struct provider_event event;

    if (provider == NULL)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "This provider is not configured.");
    TRY(check_sender(ctx, provider, command));
    TRY(check_signature(ctx, provider, command));                       /* before parsing */
    TRY(provider->read_webhook(ctx, command->raw_body, &event));
    TRY(FAULT_HERE_IN(ctx, "webhook.before_store"));
    TRY(accept_event(ctx, provider, &event, command->raw_body, outcome_out));
    return FAULT_HERE_IN(ctx, "webhook.before_answer");
}
