/* The inbox in memory: events stored once, claimed with a lease and a fence. */
#include "fake_store_parts.h"

#include <stdio.h>

struct webhook_read {
    const struct provider       *provider;
    const struct provider_event *event;
    struct bytes                 raw_body;
    struct inbox_lock           *out;
};

struct fake_webhook *part_webhook_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->webhook_count; i++)
        if (same(rows->webhooks[i].id.text, id))
            return &rows->webhooks[i];
    return NULL;
}

/* By their page, else by their intent, else by our id. */
static struct payment *payment_named(struct fake_tables *rows, const char *provider,
                                     const struct provider_payment *named)
{
    struct payment *row = NULL;

    for (int i = 0; row == NULL && named->ref[0] != '\0' && i < rows->payment_count; i++)
        if (same(rows->payments[i].provider, provider)
            && same(rows->payments[i].provider_ref, named->ref))
            row = &rows->payments[i];
    for (int i = 0; row == NULL && named->intent[0] != '\0' && i < rows->payment_count; i++)
        if (same(rows->payments[i].provider, provider)
            && same(rows->payments[i].provider_intent, named->intent))
            row = &rows->payments[i];
    return row != NULL ? row : part_payment_row(rows, named->payment_id.text);
}

static const struct problem *read_webhook(struct ctx *ctx, void *argument)
{
    const struct webhook_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    struct fake_webhook *row;

    *read->out = (struct inbox_lock) { .fresh = false };
    for (int i = 0; i < rows->webhook_count; i++)
        if (same(rows->webhooks[i].event_id, read->event->id)
            && same(rows->webhooks[i].provider, read->provider->name))
            return OK;
    assert_true(rows->webhook_count < FAKE_ROWS_MAX);
    row = &rows->webhooks[rows->webhook_count++];
    *row = (struct fake_webhook) { .status = INBOX_RECEIVED, .next_at_ms = ctx->store->now_ms };
    snprintf(row->id.text, sizeof(row->id.text), "whe_%026d", rows->webhook_count);
    COPY(row->provider, read->provider->name);
    COPY(row->event_id, read->event->id);
    copy_bytes(row->body, sizeof(row->body), read->raw_body);
    read->out->fresh = true;
    read->out->inbox_id = row->id;
    part_lock_payment(ctx->store, payment_named(rows, read->provider->name, &read->event->payment),
                      &read->out->payment);
    read->out->is_noted = read->out->payment.found;
    if (read->out->is_noted) {
        row->status = INBOX_PROCESSED;
        row->payment_id = read->out->payment.payment.id;
    }
    part_read_event_refund(rows, read->event, read->out);
    part_read_disputes(ctx, read->event, read->out);
    return OK;
}

const struct problem *store_inbox_insert(struct ctx *ctx, const struct provider *provider,
                                         const struct provider_event *event,
                                         struct bytes raw_body, struct inbox_lock *lock_out)
{
    struct webhook_read read = { provider, event, raw_body, lock_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_webhook, &read);
}

static const struct problem *apply_webhook_finish(struct ctx *ctx, const void *argument)
{
    const struct fake_webhook *write = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    if (write->status == INBOX_PROCESSED && write->payment_id.text[0] == '\0')
        return part_refuse(ctx, "processed_has_a_payment");
    for (int i = 0; i < rows->webhook_count; i++)
        if (same(rows->webhooks[i].id.text, write->id.text)) {
            rows->webhooks[i].status = write->status;
            rows->webhooks[i].payment_id = write->payment_id;
            COPY(rows->webhooks[i].reason, write->reason);
            return OK;
        }
    return part_refuse(ctx, "webhook_is_there");
}

static const struct problem *apply_webhook_disown(struct ctx *ctx, const void *argument)
{
    const struct inbox_id *id = argument;
    struct fake_webhook *row = part_webhook_row(part_tables(ctx->store), id->text);

    if (row == NULL)
        return part_refuse(ctx, "webhook_is_there");
    row->status = INBOX_RECEIVED;
    row->payment_id.text[0] = '\0';
    return OK;
}

void store_inbox_disown(struct ctx *ctx, struct inbox_id id)
{
    struct inbox_id *write = arena_alloc(ctx->arena, sizeof(*write));

    *write = id;
    part_queue(ctx, apply_webhook_disown, write);
}

void store_inbox_finish(struct ctx *ctx, struct inbox_id id, enum inbox_status status,
                        struct payment_id payment_id, const char *reason)
{
    struct fake_webhook *write = arena_alloc(ctx->arena, sizeof(*write));

    write->id = id;
    write->status = status;
    write->payment_id = payment_id;
    COPY(write->reason, reason);
    part_queue(ctx, apply_webhook_finish, write);
}

struct due_webhooks_read { bool fresh_only; int limit; struct due_event *events; int *count; };

static const struct problem *read_due_webhooks(struct ctx *ctx, void *argument)
{
    const struct due_webhooks_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    *read->count = 0;
    for (int i = 0; i < rows->webhook_count && *read->count < read->limit; i++) {
        struct fake_webhook *row = &rows->webhooks[i];

        if (row->status != INBOX_RECEIVED || row->next_at_ms > ctx->store->now_ms
            || (read->fresh_only && row->attempts > 0))
            continue;
        row->attempts++;
        row->next_at_ms = ctx->store->now_ms + INBOX_LEASE_S * 1000;
        read->events[(*read->count)++] = (struct due_event) {
            .inbox_id = row->id, .provider = arena_strdup(ctx->arena, row->provider),
            .body = bytes_of(arena_strdup(ctx->arena, row->body)), .attempts = row->attempts,
            .tries = row->attempts - row->tries_before,
        };
    }
    return OK;
}

const struct problem *store_inbox_due(struct ctx *ctx, bool fresh_only, int limit,
                                      struct due_event *events_out, int *count_out)
{
    struct due_webhooks_read read = { fresh_only, limit, events_out, count_out };

    return part_wait(ctx, read_due_webhooks, &read);
}

static struct fake_webhook *webhook_still_ours(struct ctx *ctx, const struct due_event *due)
{
    struct fake_webhook *row = part_webhook_row(part_tables(ctx->store), due->inbox_id.text);

    return row != NULL && row->attempts == due->attempts && row->status == INBOX_RECEIVED ? row
                                                                                            : NULL;
}

struct webhook_lock_read {
    const struct due_event      *due;
    const struct provider_event *event;
    struct inbox_lock           *out;
};

static const struct problem *read_webhook_lock(struct ctx *ctx, void *argument)
{
    const struct webhook_lock_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    if (webhook_still_ours(ctx, read->due) == NULL)
        return part_repeatable(ctx, PROBLEM_REQUEST_IN_PROGRESS, "webhook_fence");
    *read->out = (struct inbox_lock) { .fresh = true, .inbox_id = read->due->inbox_id };
    part_lock_payment(ctx->store, payment_named(rows, read->due->provider, &read->event->payment),
                      &read->out->payment);
    part_read_event_refund(rows, read->event, read->out);
    part_read_disputes(ctx, read->event, read->out);
    return OK;
}

const struct problem *store_inbox_lock(struct ctx *ctx, const struct due_event *due,
                                       const struct provider_event *event,
                                       struct inbox_lock *lock_out)
{
    struct webhook_lock_read read = { due, event, lock_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_webhook_lock, &read);
}

struct postponement { const struct due_event *due; int64_t delay_ms; const char *reason; };

static const struct problem *apply_postpone(struct ctx *ctx, const void *argument)
{
    const struct postponement *write = argument;
    struct fake_webhook *row = webhook_still_ours(ctx, write->due);

    if (row == NULL)
        return part_repeatable(ctx, PROBLEM_REQUEST_IN_PROGRESS, "webhook_fence");
    row->next_at_ms = ctx->store->now_ms + write->delay_ms;
    COPY(row->reason, write->reason);
    return OK;
}

void store_inbox_postpone(struct ctx *ctx, const struct due_event *due, int64_t delay_ms,
                          const char *reason)
{
    struct postponement *write = arena_alloc(ctx->arena, sizeof(*write));

    *write = (struct postponement) { due, delay_ms, reason };
    part_queue(ctx, apply_postpone, write);
}
