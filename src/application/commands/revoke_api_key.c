/* Ends an API key for ever. */
#include "application/commands.h"

#include "application/settling/history_api_key.h"
#include "application/transaction.h"

struct revocation {
    struct api_key_id      id;
    struct api_key_record *record_out;
};

static const struct problem *revoke(struct ctx *ctx, void *argument)
{
    struct revocation *work = argument;
    bool found;

    TRY(store_api_key_lock(ctx, work->id, work->record_out, &found));
    if (!found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such API key.");
    if (work->record_out->key.revoked_at_ms != 0)
        return OK;
    store_api_key_revoke(ctx, work->id);
    history_api_key_revoked(ctx, &work->record_out->key);
    return store_api_key_lock(ctx, work->id, work->record_out, &found);
}

const struct problem *revoke_api_key(struct ctx *ctx, const char *id,
                                     struct api_key_record *record_out)
{
    struct revocation work = { .record_out = record_out };

    if (!api_key_id_parse(id, &work.id))
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such API key.");
    return in_transaction(ctx, revoke, &work);
}
