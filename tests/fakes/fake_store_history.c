/* The audit log, with its domain events, in memory. */
#include "fake_store_parts.h"

static const struct problem *apply_audit(struct ctx *ctx, const void *argument)
{
    struct fake_tables *rows = part_tables(ctx->store);

    assert_true(rows->audit_count < FAKE_HISTORY_MAX);
    rows->audit[rows->audit_count++] = *(const struct fake_audit *) argument;
    return OK;
}

void store_history_insert(struct ctx *ctx, const struct change *change)
{
    struct fake_audit *row = arena_alloc(ctx->arena, sizeof(*row));

    *row = (struct fake_audit) { .order_id = change->order_id, .payment_id = change->payment_id,
                                 .event = change->event };
    COPY(row->action, change->action);
    copy_bytes(row->body, sizeof(row->body), change->body);
    copy_bytes(row->payload, sizeof(row->payload), change->payload);
    part_queue(ctx, apply_audit, row);
}
