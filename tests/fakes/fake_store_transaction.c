/* Begin, commit and rollback in memory. */
#include "fake_store_parts.h"

void store_begin(struct ctx *ctx)
{
    struct store *store = ctx->store;

    if (store->open || store->aborted)
        fail_msg("a transaction inside a transaction");
    fake_tables_copy(&store->working, &store->committed);
    store->open = true;
    store->begin_count++;
}

const struct problem *store_commit(struct ctx *ctx)
{
    if (!ctx->store->open)
        fail_msg("COMMIT without a transaction");
    return part_wait(ctx, NULL, NULL);
}

void store_rollback_if_open(struct ctx *ctx)
{
    part_forget_transaction(ctx->store);
}

void store_prepare_repeat(struct ctx *ctx, int try)
{
    assert_false(ctx->store->open);
    assert_in_range(try, 1, 3);
    ctx->store->repeat_count++;
}
