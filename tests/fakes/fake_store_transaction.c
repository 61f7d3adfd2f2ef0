/* Begin, commit and rollback in memory. */
#include "fake_store_parts.h"

void store_begin(struct ctx *ctx)
{
    struct store *store = ctx->store;

    if (store->open || store->wanted || store->aborted)
        fail_msg("a transaction inside a transaction");
    store->wanted = true;
}

const struct problem *store_commit(struct ctx *ctx)
{
    struct store *store = ctx->store;

    if (!store->open && !store->wanted)
        fail_msg("COMMIT without a transaction");
    if (store->open)
        return part_wait(ctx, NULL, NULL);
    store->wanted = false;
    return OK;
}

void store_rollback_if_open(struct ctx *ctx)
{
    part_forget_transaction(ctx->store);
}

void store_prepare_repeat(struct ctx *ctx, int try)
{
    assert_false(fake_store_in_transaction(ctx->store));
    assert_in_range(try, 1, 3);
    ctx->store->repeat_count++;
}
