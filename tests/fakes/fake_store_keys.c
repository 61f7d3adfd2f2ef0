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

static void take_key(struct store *store, struct fake_key *row, const char *holder,
                     struct claim *out)
{
    if (!same(row->holder, holder)) {
        row->fence++;
        COPY(row->holder, holder);
    }
    row->locked_until_ms = store->now_ms + IDEMPOTENCY_LEASE_S * 1000;
    *out = (struct claim) { .state = CLAIM_MINE, .fence = row->fence,
                            .payment_id = row->payment_id };
}

static void claim_existing(struct ctx *ctx, struct fake_key *row, const struct idempotency_key *key,
                           struct claim *out)
{
    *out = (struct claim) { .state = CLAIM_RUNNING };
    if (!same(row->fingerprint, key->fingerprint)) {
        out->state = CLAIM_OTHER_REQUEST;
    } else if (row->done) {
        out->state = CLAIM_DONE;
        out->answer.http_status = row->answer_status;
        out->answer.body = bytes_of(arena_strdup(ctx->arena, row->answer_body));
        out->answer.retry_after_s = row->answer_retry_after_s;
    } else if (same(row->holder, key->holder) || row->locked_until_ms < ctx->store->now_ms) {
        take_key(ctx->store, row, key->holder, out);
    }
}

const struct problem *part_claim(struct ctx *ctx, const struct idempotency_key *key,
                                 struct claim *claim_out)
{
    struct fake_tables *rows = part_tables(ctx->store);
    struct fake_key *row = key_row(rows, key);

    if (row != NULL) {
        claim_existing(ctx, row, key, claim_out);
        return OK;
    }
    assert_true(rows->key_count < FAKE_ROWS_MAX);
    row = &rows->keys[rows->key_count++];
    *row = (struct fake_key) { .done = false };
    COPY(row->principal, key->principal);
    COPY(row->route, key->route);
    COPY(row->key, key->key);
    COPY(row->fingerprint, key->fingerprint);
    take_key(ctx->store, row, key->holder, claim_out);
    return OK;
}

struct claim_read { const struct idempotency_key *key; struct claim *out; };

static const struct problem *read_claim(struct ctx *ctx, void *argument)
{
    const struct claim_read *read = argument;

    return part_claim(ctx, read->key, read->out);
}

const struct problem *store_key_claim(struct ctx *ctx, const struct idempotency_key *key,
                                      struct claim *claim_out)
{
    struct claim_read read = { key, claim_out };

    assert_true(ctx->store->open);
    return part_wait(ctx, read_claim, &read);
}

struct key_write {
    struct idempotency_key key;
    int64_t                fence;
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

static struct fake_key *key_still_ours(struct ctx *ctx, const struct key_write *write)
{
    struct fake_key *row = key_row(part_tables(ctx->store), &write->key);

    return row != NULL && row->fence == write->fence && same(row->holder, write->key.holder) ? row
                                                                                            : NULL;
}

static const struct problem *apply_key_bind(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;
    struct fake_key *row = key_still_ours(ctx, write);

    if (row == NULL || row->done)
        return part_refuse(ctx, "key_fence");
    row->payment_id = write->payment_id;
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

void store_key_hold(struct ctx *ctx, const struct idempotency_key *key, int64_t fence)
{
    part_queue(ctx, apply_key_hold, key_write(ctx, key, fence));
}

void store_key_bind(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                    struct payment_id payment_id)
{
    struct key_write *write = key_write(ctx, key, fence);

    write->payment_id = payment_id;
    part_queue(ctx, apply_key_bind, write);
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
