/* Webhooks that somebody asks for: a test event, one more time, or all that an endpoint missed. */
#include "application/commands.h"

#include "application/queries.h"
#include "application/settling/history_webhook_endpoint.h"
#include "application/transaction.h"

struct sending {
    struct webhook_endpoint_id id;
    const char                *delivery_id;
    int64_t                    since_ms, until_ms;
    struct webhook_recovery   *recovery_out;
};

static const struct problem *lock(struct ctx *ctx, const struct sending *work,
                                  struct webhook_endpoint *endpoint_out)
{
    bool found;

    TRY(store_webhook_endpoint_lock(ctx, work->id, endpoint_out, &found));
    return found ? OK : no_webhook_endpoint(ctx);
}

/* --- A test event --------------------------------------------------------------------------- */

static const struct problem *test(struct ctx *ctx, void *argument)
{
    struct sending *work = argument;
    struct webhook_endpoint endpoint;

    TRY(lock(ctx, work, &endpoint));
    history_webhook_endpoint_tested(ctx, &endpoint);
    return store_test_delivery_insert(ctx, work->id, &work->delivery_id);
}

const struct problem *test_webhook_endpoint(struct ctx *ctx, const char *id,
                                            struct delivery_details *details_out)
{
    struct sending work = { .delivery_id = "" };

    if (!webhook_endpoint_id_parse(id, &work.id))
        return no_webhook_endpoint(ctx);
    TRY(in_transaction(ctx, test, &work));
    return store_delivery_read(ctx, work.delivery_id, details_out);
}

/* --- One more time -------------------------------------------------------------------------- */

static const struct problem *resend(struct ctx *ctx, void *argument)
{
    const struct sending *work = argument;
    struct webhook_endpoint endpoint;
    bool done;

    TRY(lock(ctx, work, &endpoint));
    TRY(store_delivery_resend(ctx, work->delivery_id, &done));
    if (done)                           /* else it is on its way as it is */
        history_delivery_resent(ctx, work->id, work->delivery_id);
    return OK;
}

const struct problem *resend_delivery(struct ctx *ctx, const char *delivery_id,
                                      struct delivery_details *details_out)
{
    struct sending work = { .delivery_id = delivery_id };

    TRY(get_delivery(ctx, delivery_id, details_out));
    if (!webhook_endpoint_id_parse(details_out->delivery.endpoint_id, &work.id))
        return no_webhook_endpoint(ctx);
    TRY(in_transaction(ctx, resend, &work));
    return store_delivery_read(ctx, delivery_id, details_out);
}

/* --- What it missed ------------------------------------------------------------------------- */

static const struct problem *recover(struct ctx *ctx, void *argument)
{
    const struct sending *work = argument;
    struct webhook_endpoint endpoint;

    TRY(lock(ctx, work, &endpoint));
    TRY(store_deliveries_recover(ctx, work->id, work->since_ms, work->until_ms,
                                 work->recovery_out));
    history_webhooks_recovered(ctx, work->id, work->since_ms, work->until_ms,
                               work->recovery_out->queued);
    return OK;
}

/* Each fault under the member that it is about. */
static const struct problem *check_span(struct ctx *ctx, int64_t since_ms, int64_t until_ms)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "This span of time cannot be recovered.");

    if (since_ms < ctx->now_ms - RECOVERY_SPAN_MS)
        problem_add_field(ctx->arena, problem, "#/since", "must be in the last 14 days");
    if (since_ms >= until_ms)
        problem_add_field(ctx->arena, problem, "#/until", "must be after since");
    if (until_ms > ctx->now_ms)
        problem_add_field(ctx->arena, problem, "#/until", "must not be ahead");
    return problem->field_count > 0 ? problem : OK;
}

const struct problem *recover_webhooks(struct ctx *ctx, const char *id, int64_t since_ms,
                                       int64_t until_ms, struct webhook_recovery *recovery_out)
{
    struct sending work = { .since_ms = since_ms,
                            .until_ms = until_ms != 0 ? until_ms : ctx->now_ms,
                            .recovery_out = recovery_out };

    if (!webhook_endpoint_id_parse(id, &work.id))
        return no_webhook_endpoint(ctx);
    TRY(check_span(ctx, work.since_ms, work.until_ms));
    return in_transaction(ctx, recover, &work);
}
