/* Changes an endpoint of the shop: its members, its secret, its end. */
#include "application/commands.h"

#include <stdio.h>

#include "application/settling/history_webhook_endpoint.h"
#include "application/transaction.h"

#define SIGNING_MAX 5                   /* generations that sign at a time */

struct endpoint_change {
    struct webhook_endpoint_id            id;
    const struct change_webhook_endpoint *command;      /* NULL: its end */
    int64_t                               overlap_s;    /* of a rotation */
    struct webhook_endpoint              *endpoint_out;
};

const struct problem *no_webhook_endpoint(struct ctx *ctx)
{
    return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such webhook endpoint.");
}

static const struct problem *lock(struct ctx *ctx, const struct endpoint_change *work)
{
    bool found;

    TRY(store_webhook_endpoint_lock(ctx, work->id, work->endpoint_out, &found));
    if (!found)
        return no_webhook_endpoint(ctx);
    work->endpoint_out->updated_at_ms = ctx->now_ms;
    return OK;
}

/* --- Members -------------------------------------------------------------------------------- */

static void set_status(struct webhook_endpoint *endpoint, enum webhook_endpoint_status status)
{
    if (endpoint->status == status)
        return;
    endpoint->status = status;
    endpoint->disabled_reason = status == ENDPOINT_DISABLED ? ENDPOINT_ASKED
                                                            : ENDPOINT_NOT_DISABLED;
    if (status == ENDPOINT_ENABLED) {           /* a new beginning */
        endpoint->failures = 0;
        endpoint->failing_since_ms = 0;
    }
}

static void set_members(struct webhook_endpoint *endpoint,
                        const struct change_webhook_endpoint *command)
{
    if (command->url != NULL)
        snprintf(endpoint->url, sizeof(endpoint->url), "%s", command->url);
    if (command->has_events)
        endpoint->events = command->events;
    if (command->description != NULL)
        snprintf(endpoint->description, sizeof(endpoint->description), "%s",
                 command->description);
    if (command->has_status)
        set_status(endpoint, command->status);
}

static const struct problem *check_url(struct ctx *ctx, const struct endpoint_change *work)
{
    bool taken;

    if (work->command->url == NULL)
        return OK;
    TRY(store_webhook_endpoint_url_taken(ctx, work->id, work->command->url, &taken));
    return taken ? webhook_endpoint_exists(ctx) : OK;
}

static const struct problem *change(struct ctx *ctx, void *argument)
{
    const struct endpoint_change *work = argument;
    enum webhook_endpoint_status before;

    TRY(lock(ctx, work));
    TRY(check_url(ctx, work));
    before = work->endpoint_out->status;
    set_members(work->endpoint_out, work->command);
    store_webhook_endpoint_update(ctx, work->endpoint_out);
    if (before == ENDPOINT_ENABLED && work->endpoint_out->status == ENDPOINT_DISABLED)
        history_webhook_endpoint_disabled(ctx, work->endpoint_out);
    else
        history_webhook_endpoint(ctx, work->endpoint_out, "changed");
    return OK;
}

const struct problem *change_webhook_endpoint(struct ctx *ctx, const char *id,
                                              const struct change_webhook_endpoint *command,
                                              struct webhook_endpoint *endpoint_out)
{
    struct endpoint_change work = { .command = command, .endpoint_out = endpoint_out };

    if (!webhook_endpoint_id_parse(id, &work.id))
        return no_webhook_endpoint(ctx);
    return in_transaction(ctx, change, &work);
}

/* --- Its end -------------------------------------------------------------------------------- */

static const struct problem *delete(struct ctx *ctx, void *argument)
{
    const struct endpoint_change *work = argument;

    TRY(lock(ctx, work));
    set_status(work->endpoint_out, ENDPOINT_DELETED);
    store_webhook_endpoint_update(ctx, work->endpoint_out);
    history_webhook_endpoint(ctx, work->endpoint_out, "deleted");
    return OK;
}

const struct problem *delete_webhook_endpoint(struct ctx *ctx, const char *id,
                                              struct webhook_endpoint *endpoint_out)
{
    struct endpoint_change work = { .endpoint_out = endpoint_out };

    if (!webhook_endpoint_id_parse(id, &work.id))
        return no_webhook_endpoint(ctx);
    return in_transaction(ctx, delete, &work);
}

/* --- Its secret ----------------------------------------------------------------------------- */

/* While former generations sign, another rotation ends none of them early, but for lack of room. */
static void rotate_secret(struct webhook_endpoint *endpoint, int64_t now_ms, int64_t overlap_s)
{
    int64_t until_ms = now_ms + overlap_s * 1000;
    bool former_sign = endpoint->former_until_ms > now_ms;

    endpoint->signs_from = former_sign ? endpoint->signs_from : endpoint->generation;
    endpoint->generation++;
    if (overlap_s == 0)
        endpoint->signs_from = endpoint->generation;
    if (endpoint->signs_from <= endpoint->generation - SIGNING_MAX)
        endpoint->signs_from = endpoint->generation - SIGNING_MAX + 1;
    if (overlap_s == 0 || until_ms > endpoint->former_until_ms)
        endpoint->former_until_ms = until_ms;
}

static const struct problem *rotate(struct ctx *ctx, void *argument)
{
    const struct endpoint_change *work = argument;

    TRY(lock(ctx, work));
    rotate_secret(work->endpoint_out, ctx->now_ms, work->overlap_s);
    store_webhook_endpoint_update(ctx, work->endpoint_out);
    history_webhook_endpoint(ctx, work->endpoint_out, "secret-rotated");
    return OK;
}

const struct problem *rotate_webhook_secret(struct ctx *ctx, const char *id, int64_t overlap_s,
                                            struct webhook_endpoint *endpoint_out)
{
    struct endpoint_change work = { .overlap_s = overlap_s, .endpoint_out = endpoint_out };

    if (!webhook_endpoint_id_parse(id, &work.id))
        return no_webhook_endpoint(ctx);
    return in_transaction(ctx, rotate, &work);
}
