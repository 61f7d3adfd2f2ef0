/* The cursor over a provider's events, in memory. */
#include "fake_store_parts.h"

#include <assert.h>
#include <stdio.h>

#include "application/inbox/pull_events.h"

struct claim_read { const char *provider; bool now; struct pull_cursor *out; bool *claimed; };

/* The clock of the database is the job's here. */
static const struct problem *read_claim(struct ctx *ctx, void *argument)
{
    const struct claim_read *read = argument;
    struct fake_cursor *row = &part_tables(ctx->store)->cursor;

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
    struct fake_cursor *row = &part_tables(ctx->store)->cursor;

    if (row->fence != write->cursor.fence)
        return part_refuse(ctx, "cursor_fence");
    row->pulled_to_s = write->cursor.pulled_to_s;
    row->sweep_from_s = write->cursor.sweep_from_s;
    row->sweep_to_s = write->cursor.sweep_to_s;
    snprintf(row->page_after, sizeof(row->page_after), "%s", write->cursor.page_after);
    row->sweep_is_deep = write->cursor.sweep_is_deep;
    if (write->cursor.sweep_is_deep && !write->cursor.deep_is_due
        && row->deep_due_at_ms <= ctx->now_ms)
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
