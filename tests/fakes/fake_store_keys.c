/* Idempotency keys in memory, with their leases and fences. */
#include "fake_store_parts.h"

static struct fake_key *key_row(struct fake_tables *rows, const struct idempotency_key *key)
{
    for (int i = 0; i < rows->key_count; i++)
        if (same(rows->keys[i].principal, key->principal) && same(rows->keys[i].route, key->route)
            && same(rows->keys[i].key, key->key))
            return &rows->keys[i];
    return NULL;
}

static struct claim claim_of(struct ctx *ctx, const struct fake_key *row,
                             const struct idempotency_key *key)
{
    bool is_ours = same(row->holder, key->holder);
    struct claim claim = {
        .state = is_ours || row->locked_until_ms < ctx->store->now_ms ? CLAIM_FREE : CLAIM_RUNNING,
        .version = part_version(row, sizeof(*row)),
        .fence = row->fence + (is_ours ? 0 : 1),
        .payment_id = row->payment_id,
    };

    if (!same(row->fingerprint, key->fingerprint)) {
        claim.state = CLAIM_OTHER_REQUEST;
    } else if (row->done) {
        claim.state = CLAIM_DONE;
        claim.answer.http_status = row->answer_status;
        claim.answer.body = bytes_of(arena_strdup(ctx->arena, row->answer_body));
        claim.answer.retry_after_s = row->answer_retry_after_s;
    }
    return claim;
}

struct claim part_peek_key(struct ctx *ctx, const struct idempotency_key *key)
{
    const struct fake_key *row;

    if (key == NULL)
        return (struct claim) { .state = CLAIM_FREE };
    row = key_row(part_tables(ctx->store), key);
    return row != NULL ? claim_of(ctx, row, key)
                       : (struct claim) { .state = CLAIM_FREE, .fence = 1 };
}

struct key_peek { const struct idempotency_key *key; struct claim *out; };

static const struct problem *read_key(struct ctx *ctx, void *argument)
{
    const struct key_peek *peek = argument;

    *peek->out = part_peek_key(ctx, peek->key);
    return OK;
}

const struct problem *store_key_peek(struct ctx *ctx, const struct idempotency_key *key,
                                     struct claim *claim_out)
{
    struct key_peek peek = { key, claim_out };

    return part_peek(ctx, read_key, &peek);
}

struct key_write {
    struct idempotency_key key;
    int64_t                fence, version;
    struct payment_id      payment_id;
    struct answer          answer;
    bool                   unbind;
};

static struct key_write *key_write(struct ctx *ctx, const struct idempotency_key *key,
                                   int64_t fence)
{
    struct key_write *write = arena_alloc(ctx->arena, sizeof(*write));

    write->key = *key;
    write->fence = fence;
    return write;
}

static void lock_key(struct store *store)
{
    if (store->locked_order.text[0] != '\0' && !store->locked_key)
        fail_msg("a key was locked after its order");
    store->locked_key = true;
}

static struct fake_key *key_still_ours(struct ctx *ctx, const struct key_write *write)
{
    struct fake_key *row = key_row(part_tables(ctx->store), &write->key);

    lock_key(ctx->store);
    return row != NULL && row->fence == write->fence && same(row->holder, write->key.holder) ? row
                                                                                            : NULL;
}

static struct fake_key *new_key(struct fake_tables *rows, const struct idempotency_key *key)
{
    struct fake_key *row = &rows->keys[rows->key_count++];

    assert_true(rows->key_count <= FAKE_ROWS_MAX);
    *row = (struct fake_key) { .done = false };
    COPY(row->principal, key->principal);
    COPY(row->route, key->route);
    COPY(row->key, key->key);
    COPY(row->fingerprint, key->fingerprint);
    return row;
}

static const struct problem *apply_key_take(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    struct fake_key *row = key_row(rows, &write->key);

    lock_key(ctx->store);
    if (row != NULL && part_version(row, sizeof(*row)) != write->version)
        return part_repeatable(ctx, PROBLEM_REQUEST_IN_PROGRESS, "key_take");
    if (row == NULL)
        row = new_key(rows, &write->key);
    COPY(row->holder, write->key.holder);
    row->fence = write->fence;
    row->payment_id = write->payment_id;
    row->locked_until_ms = ctx->store->now_ms + IDEMPOTENCY_LEASE_S * 1000;
    return OK;
}

static const struct problem *apply_key_hold(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;

    if (key_still_ours(ctx, write) == NULL)
        return part_refuse(ctx, "key_fence");
    return OK;
}

/* Once more with the same fence is fine: the first COMMIT had no answer. */
static const struct problem *apply_key_finish(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;
    struct fake_key *row = key_still_ours(ctx, write);

    if (row == NULL)
        return part_refuse(ctx, "key_fence");
    row->done = true;
    row->answer_status = write->answer.http_status;
    row->answer_retry_after_s = write->answer.retry_after_s;
    copy_bytes(row->answer_body, sizeof(row->answer_body), write->answer.body);
    return OK;
}

static const struct problem *apply_key_answer(struct ctx *ctx, const void *argument)
{
    TRY(apply_key_take(ctx, argument));
    return apply_key_finish(ctx, argument);
}

static const struct problem *apply_key_release(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;
    struct fake_key *row = key_still_ours(ctx, write);

    if (row == NULL || row->done)
        return part_refuse(ctx, "key_fence");
    row->locked_until_ms = 0;
    if (write->unbind)
        row->payment_id.text[0] = '\0';
    return OK;
}

void store_key_answer(struct ctx *ctx, const struct idempotency_key *key, const struct claim *claim,
                      struct payment_id payment_id, const struct answer *answer)
{
    struct key_write *write = key_write(ctx, key, claim->fence);

    write->version = claim->version;
    write->payment_id = payment_id;
    write->answer = *answer;
    part_queue(ctx, apply_key_answer, write);
}

void store_key_hold(struct ctx *ctx, const struct idempotency_key *key, int64_t fence)
{
    part_queue(ctx, apply_key_hold, key_write(ctx, key, fence));
}

void store_key_take(struct ctx *ctx, const struct idempotency_key *key, const struct claim *claim,
                    struct payment_id payment_id)
{
    struct key_write *write = key_write(ctx, key, claim->fence);

    write->version = claim->version;
    write->payment_id = payment_id;
    part_queue(ctx, apply_key_take, write);
}

static const struct problem *apply_key_lock(struct ctx *ctx, const void *argument)
{
    (void) argument;
    lock_key(ctx->store);
    return OK;
}

void store_key_queue_up(struct ctx *ctx, const struct idempotency_key *key)
{
    part_queue(ctx, apply_key_lock, key);
}

void store_key_finish(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                      const struct answer *answer)
{
    struct key_write *write = key_write(ctx, key, fence);

    write->answer = *answer;
    part_queue(ctx, apply_key_finish, write);
}

void store_key_release(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                       bool unbind)
{
    struct key_write *write = key_write(ctx, key, fence);

    write->unbind = unbind;
    part_queue(ctx, apply_key_release, write);
}
