/* Registers where the shop is told of events. */
#include "application/commands.h"

#include <stdio.h>

#include "application/settling/history_webhook_endpoint.h"
#include "application/transaction.h"

static struct webhook_endpoint endpoint_of(struct ctx *ctx,
                                           const struct create_webhook_endpoint *command)
{
    struct webhook_endpoint endpoint = {
        .events = command->events, .status = ENDPOINT_ENABLED, .generation = 1, .signs_from = 1,
        .created_at_ms = ctx->now_ms, .updated_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "wep", endpoint.id.text);
    snprintf(endpoint.url, sizeof(endpoint.url), "%s", command->url);
    snprintf(endpoint.description, sizeof(endpoint.description), "%s", command->description);
    return endpoint;
}

const struct problem *webhook_endpoint_exists(struct ctx *ctx)
{
    return problem_new(ctx->arena, PROBLEM_WEBHOOK_ENDPOINT_EXISTS,
                       "Another webhook endpoint has this URL.");
}

static const struct problem *too_many(struct ctx *ctx)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "There are too many webhook endpoints.");

    problem_add_field(ctx->arena, problem, "#/url", "would be one of more than %d endpoints:"
                      " delete one that is not needed", WEBHOOK_ENDPOINTS_MAX);
    return problem;
}

/* A repeat after a COMMIT without an answer finds the endpoint that it made. */
static const struct problem *create(struct ctx *ctx, void *argument)
{
    const struct webhook_endpoint *endpoint = argument;
    struct webhook_endpoint made;
    enum endpoint_insertion result;
    bool found;

    TRY(store_webhook_endpoint_lock(ctx, endpoint->id, &made, &found));
    if (found)
        return OK;
    TRY(store_webhook_endpoint_insert(ctx, endpoint, &result));
    if (result == ENDPOINT_URL_TAKEN)
        return webhook_endpoint_exists(ctx);
    if (result == ENDPOINT_TOO_MANY)
        return too_many(ctx);
    history_webhook_endpoint(ctx, endpoint, "created");
    return OK;
}

const struct problem *create_webhook_endpoint(struct ctx *ctx,
                                              const struct create_webhook_endpoint *command,
                                              struct webhook_endpoint *endpoint_out)
{
    *endpoint_out = endpoint_of(ctx, command);
    return in_transaction(ctx, create, endpoint_out);
}
