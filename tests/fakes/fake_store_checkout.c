/* The first read of a checkout, in memory. */
#include "fake_store_parts.h"

struct checkout_read {
    const struct idempotency_key *key;
    struct order_id               order_id;
    const char                   *owner;
    struct checkout_lock         *out;
};

static const struct problem *read_checkout(struct ctx *ctx, void *argument)
{
    const struct checkout_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const struct order *order = part_visible_order(rows, read->order_id, read->owner);
    const struct payment *payment;
    struct checkout_lock lock = { .claim = { .state = CLAIM_MINE } };

    if (read->key != NULL)
        TRY(part_claim(ctx, read->key, &lock.claim));
    if (lock.claim.state == CLAIM_MINE && order != NULL) {
        lock.order_found = true;
        lock.order = *order;
        ctx->store->locked_order = order->id;
        payment = part_holder_of(rows, order->id.text, "");
        if (payment != NULL) {
            lock.payment_found = true;
            lock.payment = *payment;
            ctx->store->locked_payment = payment->id;
            lock.call_found = part_find_open_call(ctx, payment->id.text, "checkout", "",
                                                  &lock.call);
        }
    }
    *read->out = lock;
    return OK;
}

const struct problem *store_checkout_lock(struct ctx *ctx, const struct idempotency_key *key,
                                          struct order_id order_id, const char *owner,
                                          struct checkout_lock *lock_out)
{
    struct checkout_read read = { key, order_id, owner, lock_out };

    assert_true(ctx->store->open);
    return part_wait(ctx, read_checkout, &read);
}
