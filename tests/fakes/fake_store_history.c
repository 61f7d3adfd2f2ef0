/* The audit log and the domain events in memory. */
#include "fake_store_parts.h"

static const struct problem *apply_audit(struct ctx *ctx, const void *argument)
{
    struct fake_tables *rows = part_tables(ctx->store);

    assert_true(rows->audit_count < FAKE_HISTORY_MAX);
    rows->audit[rows->audit_count++] = *(const struct fake_audit *) argument;
    return OK;
}

void store_audit_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                        const char *action, struct bytes body)
{
    struct fake_audit *row = arena_alloc(ctx->arena, sizeof(*row));

    row->order_id = order_id;
    row->payment_id = payment_id;
    COPY(row->action, action);
    copy_bytes(row->body, sizeof(row->body), body);
    part_queue(ctx, apply_audit, row);
}

static const struct problem *apply_event(struct ctx *ctx, const void *argument)
{
    struct fake_tables *rows = part_tables(ctx->store);

    assert_true(rows->outbox_count < FAKE_HISTORY_MAX);
    rows->outbox[rows->outbox_count++] = *(const struct fake_event *) argument;
    return OK;
}

void store_outbox_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                         enum domain_event type, struct bytes payload)
{
    struct fake_event *row = arena_alloc(ctx->arena, sizeof(*row));

    row->order_id = order_id;
    row->payment_id = payment_id;
    row->type = type;
    copy_bytes(row->payload, sizeof(row->payload), payload);
    part_queue(ctx, apply_event, row);
}
