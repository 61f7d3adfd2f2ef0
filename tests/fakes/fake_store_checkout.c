/* What a checkout peeks at, in memory. */
#include "fake_store_parts.h"

struct checkout_read {
    const struct idempotency_key *key;
    struct order_id               order_id;
    const char                   *owner;
    struct checkout_peek         *out;
};

static const struct problem *read_checkout(struct ctx *ctx, void *argument)
{
    const struct checkout_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const struct order *order = part_visible_order(rows, read->order_id, read->owner);
    const struct payment *payment = order != NULL ? part_holder_of(rows, order->id.text, "") : NULL;
    struct checkout_peek peek = { .claim = part_peek_key(ctx, read->key),
                                  .order_found = order != NULL,
                                  .payment_found = payment != NULL };

    if (order != NULL)
        peek.order = *order;
    if (payment != NULL) {
        peek.payment = *payment;
        peek.call_found = part_find_open_call(ctx, payment->id.text, "checkout", "", &peek.call);
    }
    part_see_order(order, &peek.seen);
    part_see_payment(payment, &peek.seen);
    *read->out = peek;
    return OK;
}

const struct problem *store_checkout_peek(struct ctx *ctx, const struct idempotency_key *key,
                                          struct order_id order_id, const char *owner,
                                          struct checkout_peek *peek_out)
{
    struct checkout_read read = { key, order_id, owner, peek_out };

    return part_peek(ctx, read_checkout, &read);
}

struct order_named { struct order_id id; const char *owner; };

static void lock_order(struct ctx *ctx, const struct order *order)
{
    const struct payment *payment;

    part_lock_order(ctx->store, order);
    payment = part_holder_of(part_tables(ctx->store), order->id.text, "");
    if (payment != NULL)
        ctx->store->locked_payment = payment->id;
}

static const struct problem *apply_queue_up(struct ctx *ctx, const void *argument)
{
    const struct order_named *named = argument;
    const struct order *order = part_visible_order(part_tables(ctx->store), named->id,
                                                   named->owner);

    if (order != NULL)
        lock_order(ctx, order);
    return OK;
}

void store_checkout_queue_up(struct ctx *ctx, const struct idempotency_key *key,
                             struct order_id order_id, const char *owner)
{
    struct order_named *named = arena_alloc(ctx->arena, sizeof(*named));

    *named = (struct order_named) { order_id, owner };
    if (key != NULL)
        store_key_queue_up(ctx, key);
    part_queue(ctx, apply_queue_up, named);
}

struct order_lock_read { struct order_id id; struct order_lock *out; };

static const struct problem *read_order_lock(struct ctx *ctx, void *argument)
{
    const struct order_lock_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const struct order *order = part_visible_order(rows, read->id, NULL);
    const struct payment *payment = order != NULL ? part_holder_of(rows, order->id.text, "") : NULL;

    *read->out = (struct order_lock) { .found = order != NULL, .payment_found = payment != NULL };
    if (order != NULL) {
        lock_order(ctx, order);
        read->out->order = *order;
    }
    if (payment != NULL)
        read->out->payment = *payment;
    return OK;
}

const struct problem *store_order_lock(struct ctx *ctx, struct order_id order_id,
                                       struct order_lock *lock_out)
{
    struct order_lock_read read = { order_id, lock_out };

    return part_wait(ctx, read_order_lock, &read);
}
