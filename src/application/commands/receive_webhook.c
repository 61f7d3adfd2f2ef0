#include "application/commands.h"

#include "application/accept_event.h"
#include "application/fault_problem.h"
#include "application/history.h"
#include "application/transaction.h"
#include "base/log.h"

static const struct problem *note_rejection(struct ctx *ctx, void *argument)
{
    const struct receive_webhook *command = argument;

    history_webhook_rejected(ctx, command->raw_body);
    return OK;
}

/* A forger learns nothing from whether we could write it down. nginx bounds how often this happens. */
static const struct problem *reject(struct ctx *ctx, const struct receive_webhook *command,
                                    const struct problem *problem)
{
    struct receive_webhook rejected = *command;
    const struct problem *unnoted = in_transaction(ctx, note_rejection, &rejected);

    if (unnoted != OK)
        log_event(LOG_LEVEL_WARN, "rejection_not_audited", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("cause", unnoted->cause));
    return problem;
}

const struct problem *receive_webhook(struct ctx *ctx, const struct receive_webhook *command,
                                      enum webhook_outcome *outcome_out)
{
    const struct provider *provider = ctx_find_provider(ctx, command->provider);
    struct provider_event event;
    const struct problem *problem;

    if (provider == NULL)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "This provider is not configured.");
    problem = provider->verify_webhook(ctx, provider, command->signature_header,
                                       command->raw_body);              /* before parsing */
    if (problem != OK)
        return reject(ctx, command, problem);
    TRY(provider->read_webhook(ctx, command->raw_body, &event));
    TRY(FAULT_HERE_IN(ctx, "webhook.before_store"));
    TRY(accept_event(ctx, provider, &event, command->raw_body, outcome_out));
    return FAULT_HERE_IN(ctx, "webhook.before_answer");
}
