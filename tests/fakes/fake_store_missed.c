/* Adoption and the cursor over a provider's events, as the schema keeps them. */
#include "fake_store_parts.h"

#include "application/inbox/pull_events.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- Adoption ------------------------------------------------------------------------------ */

struct adopt_read {
    const struct order   *order;
    const struct payment *payment;
    struct adopted_lock  *out;
};

static struct order *order_of(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->order_count; i++)
        if (strcmp(rows->orders[i].id.text, id) == 0)
            return &rows->orders[i];
    return NULL;
}

static bool has_payment(const struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->payment_count; i++)
        if (strcmp(rows->payments[i].id.text, id) == 0)
            return true;
    return false;
}

static bool is_held(const struct fake_tables *rows, const char *order_id)
{
    for (int i = 0; i < rows->payment_count; i++) {
        const struct payment *payment = &rows->payments[i];

        if (strcmp(payment->order_id.text, order_id) == 0 && !payment->surplus
            && (payment_is_open(&payment->facts) || payment->facts.captured_minor > 0))
            return true;
    }
    return false;
}

static void insert_payment(struct fake_tables *rows, const struct payment *payment,
                           const struct order *order)
{
    struct payment *row = &rows->payments[rows->payment_count];
    bool held = is_held(rows, order->id.text);

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
    struct fake_tables *rows = part_tables(ctx);
    struct order *order = order_of(rows, read->order->id.text);

    *read->out = (struct adopted_lock) { .order_fresh = order == NULL };
    if (order == NULL) {
        assert_true(rows->order_count < FAKE_ROWS_MAX);
        order = &rows->orders[rows->order_count++];
        *order = *read->order;
    }
    if (!has_payment(rows, read->payment->id.text)
        && money_equal(order->amount, read->payment->amount)) {
        insert_payment(rows, read->payment, order);
        read->out->payment_fresh = true;
    }
    part_lock_payment(ctx, read->payment->id, &read->out->payment);
    return OK;
}

const struct problem *store_adopt(struct ctx *ctx, const struct order *order,
                                  const struct payment *payment, struct adopted_lock *lock_out)
{
    struct adopt_read read = { order, payment, lock_out };

    return part_wait(ctx, read_adopt, &read);
}

/* --- The cursor ---------------------------------------------------------------------------- */

struct claim_read { const char *provider; bool now; struct pull_cursor *out; bool *claimed; };

/* The clock of the database is the job's here. */
static const struct problem *read_claim(struct ctx *ctx, void *argument)
{
    const struct claim_read *read = argument;
    struct fake_cursor *row = &part_tables(ctx)->cursor;

    if (row->fence == 0)
        row->pulled_to_s = ctx->now_ms / 1000 - 3600;
    *read->claimed = row->lease_until_ms <= ctx->now_ms
        && (read->now || row->next_at_ms <= ctx->now_ms);
    if (!*read->claimed)
        return OK;
    row->fence++;
    row->lease_until_ms = ctx->now_ms + PULL_LEASE_S * 1000;
    *read->out = (struct pull_cursor) {
        .provider = read->provider, .fence = row->fence, .pulled_to_s = row->pulled_to_s,
        .sweep_from_s = row->sweep_from_s, .sweep_to_s = row->sweep_to_s,
        .page_after = arena_strdup(ctx->arena, row->page_after),
        .sweep_is_deep = row->sweep_is_deep, .deep_is_due = row->deep_due_at_ms <= ctx->now_ms,
    };
    return OK;
}

const struct problem *store_pull_claim(struct ctx *ctx, const char *provider, bool now,
                                       struct pull_cursor *cursor_out, bool *claimed_out)
{
    struct claim_read read = { provider, now, cursor_out, claimed_out };

    return part_wait(ctx, read_claim, &read);
}

struct cursor_write { struct pull_cursor cursor; int due_in_s; };      /* -1: the lease goes on */

static const struct problem *apply_move(struct ctx *ctx, const void *argument)
{
    const struct cursor_write *write = argument;
    struct fake_cursor *row = &part_tables(ctx)->cursor;

    if (row->fence != write->cursor.fence)
        return part_refuse(ctx, "cursor_fence");
    row->pulled_to_s = write->cursor.pulled_to_s;
    row->sweep_from_s = write->cursor.sweep_from_s;
    row->sweep_to_s = write->cursor.sweep_to_s;
    snprintf(row->page_after, sizeof(row->page_after), "%s", write->cursor.page_after);
    row->sweep_is_deep = write->cursor.sweep_is_deep;
    if (write->cursor.sweep_is_deep && !write->cursor.deep_is_due && row->deep_due_at_ms <= ctx->now_ms)
        row->deep_due_at_ms = ctx->now_ms + PULL_DEEP_EVERY_S * INT64_C(1000);
    row->lease_until_ms = ctx->now_ms + (write->due_in_s < 0 ? PULL_LEASE_S * 1000 : 0);
    if (write->due_in_s >= 0)
        row->next_at_ms = ctx->now_ms + write->due_in_s * INT64_C(1000);
    return OK;
}

static void queue_move(struct ctx *ctx, const struct pull_cursor *cursor, int due_in_s)
{
    struct cursor_write *write = arena_alloc(ctx->arena, sizeof(*write));

    *write = (struct cursor_write) { *cursor, due_in_s };
    part_queue(ctx, apply_move, write);
}

void store_pull_renew(struct ctx *ctx, const struct pull_cursor *cursor)
{
    queue_move(ctx, cursor, -1);
}

void store_pull_end(struct ctx *ctx, const struct pull_cursor *cursor, int due_in_s)
{
    queue_move(ctx, cursor, due_in_s);
}
