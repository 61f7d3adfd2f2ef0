/* One event of the inbox: shown, and replayed. */
#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/webhook_event_json.h"

static const struct problem *read_dry_run(struct ctx *ctx, const struct request *request,
                                          bool *dry_run_out)
{
    struct list_params params = list_params_of(ctx, request);
    const char *value;

    value = list_word(&params, "dryRun", "true false");
    *dry_run_out = value != NULL && strcmp(value, "true") == 0;
    return list_params_finish(&params);
}

static const struct problem *show_effect(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out)
{
    struct webhook_trial *trial = arena_alloc(ctx->arena, sizeof(*trial));
    struct text data = text_new(ctx->arena);

    TRY(try_webhook(ctx, request->id, trial));
    webhook_trial_json(&data, request->id, trial);
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}

const struct problem *post_webhook_event_replay(struct ctx *ctx, const struct request *request,
                                                struct answer *answer_out)
{
    enum webhook_outcome outcome;
    bool dry_run;

    TRY(read_no_members(ctx, request));
    TRY(read_dry_run(ctx, request, &dry_run));
    if (dry_run)
        return show_effect(ctx, request, answer_out);
    TRY(replay_webhook(ctx, request->id, &outcome));
    return get_webhook_event_by_id(ctx, request, answer_out);
}

const struct problem *get_webhook_event_by_id(struct ctx *ctx, const struct request *request,
                                              struct answer *answer_out)
{
    struct webhook_event_details *details = arena_alloc(ctx->arena, sizeof(*details));
    struct text data = text_new(ctx->arena);

    TRY(get_webhook_event(ctx, request->id, details));
    webhook_event_details_json(&data, details);
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}
