/* API keys: found when somebody calls with one, listed, and their last use noted. */
#include "application/queries.h"

#include "base/log.h"

/* Once more when the connection broke meanwhile: nothing was done yet. */
const struct problem *find_api_key(struct ctx *ctx, struct digest digest, struct api_key *key_out,
                                   bool *found_out)
{
    const struct problem *problem = store_api_key_find(ctx, digest, key_out, found_out);

    if (problem == OK || !problem->repeatable)
        return problem;
    store_prepare_repeat(ctx, 1);
    return store_api_key_find(ctx, digest, key_out, found_out);
}

const struct problem *list_api_keys(struct ctx *ctx, const struct api_key_query *query,
                                    struct api_key_page *page_out)
{
    return store_api_keys_list(ctx, query, page_out);
}

void note_api_key_use(struct ctx *ctx)
{
    const struct problem *problem;

    if (ctx->api_key == NULL || !api_key_use_is_news(ctx->api_key, ctx->now_ms))
        return;
    problem = store_api_key_note_use(ctx, ctx->api_key->id);
    ctx->api_key->last_used_at_ms = ctx->now_ms;        /* also after a problem: no second try */
    if (problem != OK)
        log_event(LOG_LEVEL_WARN, "api_key_use_not_noted", LOG_TEXT("cause", problem->cause),
                  LOG_TEXT("key", ctx->api_key->id.text));
}
