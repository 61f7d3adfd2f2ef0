/* Tries and replays of the inbox, in memory. */
#include "fake_store_parts.h"

struct noted_try { struct inbox_id id; enum inbox_status outcome; };

static const struct problem *apply_try(struct ctx *ctx, const void *argument)
{
    const struct noted_try *write = argument;
    struct fake_webhook *row = part_webhook_row(part_tables(ctx->store), write->id.text);

    assert_non_null(row);
    row->noted_tries++;
    row->noted_outcome = write->outcome;
    COPY(row->noted_actor, ctx->actor.id);
    return OK;
}

void store_inbox_attempt(struct ctx *ctx, struct inbox_id id, enum inbox_status outcome,
                         const char *reason)
{
    struct noted_try *write = arena_alloc(ctx->arena, sizeof(*write));

    assert_non_null(reason);
    *write = (struct noted_try) { id, outcome };
    part_queue(ctx, apply_try, write);
}

struct reopening { struct inbox_id id; struct inbox_reopened *out; };

static const struct problem *read_reopened(struct ctx *ctx, void *argument)
{
    const struct reopening *read = argument;
    struct fake_webhook *row = part_webhook_row(part_tables(ctx->store), read->id.text);

    *read->out = (struct inbox_reopened) { .found = row != NULL };
    if (row == NULL)
        return OK;
    row->status = INBOX_RECEIVED;
    row->tries_before = row->attempts++;
    read->out->due = (struct due_event) {
        .inbox_id = row->id, .provider = arena_strdup(ctx->arena, row->provider),
        .body = bytes_of(arena_strdup(ctx->arena, row->body)), .attempts = row->attempts,
        .tries = 1,
    };
    return OK;
}

const struct problem *store_inbox_reopen(struct ctx *ctx, struct inbox_id id,
                                         struct inbox_reopened *reopened_out)
{
    struct reopening read = { id, reopened_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_reopened, &read);
}

struct effect_read { struct payment_id id; struct inbox_effect *out; };

/* The payment alone: which rows are of this transaction, only PostgreSQL knows. */
static const struct problem *read_effect(struct ctx *ctx, void *argument)
{
    const struct effect_read *read = argument;
    const struct payment *payment = part_payment_row(part_tables(ctx->store), read->id.text);

    assert_non_null(payment);
    *read->out = (struct inbox_effect) { .payment = *payment };
    return OK;
}

const struct problem *store_inbox_effect(struct ctx *ctx, struct payment_id id,
                                         struct inbox_effect *effect_out)
{
    struct effect_read read = { id, effect_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_effect, &read);
}
