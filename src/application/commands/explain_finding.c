/*
 * Records why our books and the provider's list differ, when a human knows that nothing is to be
 * done.
 *
 * The finding stays explained while both sides stay as they are (store_finding_put). It no longer
 * counts as open, so its day raises no alert and is not compared again because of it.
 */
#include "application/commands.h"

#include <string.h>

#include "application/settling/history.h"
#include "application/store/store_findings.h"
#include "application/transaction.h"
#include "base/log.h"

static const struct problem *check(struct ctx *ctx, const struct explain_finding *command,
                                   const struct found_finding *found)
{
    if (!found->found || (command->reconciliation_id != NULL
                          && strcmp(command->reconciliation_id, found->reconciliation_id) != 0))
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such finding.");
    if (found->finding.state != FINDING_OPEN)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE, "The finding is %s already.",
                           finding_state_name(found->finding.state));
    return OK;
}

static const struct problem *explain(struct ctx *ctx, void *argument)
{
    const struct explain_finding *command = argument;
    struct found_finding found;

    TRY(store_finding_lock(ctx, command->number, &found));
    TRY(check(ctx, command, &found));
    store_finding_explain(ctx, command->number, command->reason);
    history_finding_explained(ctx, &found, command->reason);
    log_event(LOG_LEVEL_INFO, "finding_explained", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("reconciliation_id", found.reconciliation_id),
              LOG_NUMBER("finding", command->number));
    return OK;
}

const struct problem *explain_finding(struct ctx *ctx, const struct explain_finding *command)
{
    struct explain_finding work = *command;

    return in_transaction(ctx, explain, &work);
}
