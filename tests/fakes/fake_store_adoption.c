/* Payments that are written again, in memory. */
#include "fake_store_parts.h"

struct adopt_read {
    const struct order   *order;
    const struct payment *payment;
    struct adopted_lock  *out;
};

static void insert_payment(struct fake_tables *rows, const struct payment *payment,
                           const struct order *order)
{
    struct payment *row = &rows->payments[rows->payment_count];
    bool held = part_holder_of(rows, order->id.text, "") != NULL;

    assert_true(rows->payment_count < FAKE_ROWS_MAX);
    *row = *payment;
    memcpy(row->owner_id, order->owner_id, sizeof(row->owner_id));
    row->facts.closed = held ? PAYMENT_CLOSED_FAILED : PAYMENT_OPEN;
    row->status = payment_derive(&row->facts, row->amount.minor);
    rows->payment_count++;
}

static const struct problem *read_adopt(struct ctx *ctx, void *argument)
{
    const struct adopt_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    struct order *order = part_order_row(rows, read->order->id.text);

    *read->out = (struct adopted_lock) { .order_fresh = order == NULL };
    if (order == NULL) {
        assert_true(rows->order_count < FAKE_ROWS_MAX);
        order = &rows->orders[rows->order_count++];
        *order = *read->order;
    }
    if (part_payment_row(rows, read->payment->id.text) == NULL
        && money_equal(order->amount, read->payment->amount)) {
        insert_payment(rows, read->payment, order);
        read->out->payment_fresh = true;
    }
    part_lock_payment(ctx->store, part_payment_row(rows, read->payment->id.text),
                      &read->out->payment);
    return OK;
}

const struct problem *store_adopt(struct ctx *ctx, const struct order *order,
                                  const struct payment *payment, struct adopted_lock *lock_out)
{
    struct adopt_read read = { order, payment, lock_out };

    return part_wait(ctx, read_adopt, &read);
}
