/* Work that is due, in memory. */
#include "fake_store_parts.h"

/* Not leased before leased, then by the time that it is due. */
static struct fake_call *call_due_first(struct store *store, const char *payment_id)
{
    struct fake_tables *rows = part_tables(store);
    struct fake_call *first = NULL;

    for (int i = 0; i < rows->call_count; i++) {
        struct fake_call *row = &rows->calls[i];

        if (part_is_open_call_of(row, payment_id)
            && (first == NULL || part_is_leased(store, row) < part_is_leased(store, first)
                || (part_is_leased(store, row) == part_is_leased(store, first)
                    && row->next_at_ms < first->next_at_ms)))
            first = row;
    }
    return first;
}

struct recovery_read { struct payment_id id; const char *owner; struct recovery_lock *out; };

static const struct problem *read_recovery(struct ctx *ctx, void *argument)
{
    const struct recovery_read *read = argument;
    struct payment *payment = part_payment_row(part_tables(ctx->store), read->id.text);
    struct fake_call *row = NULL;

    *read->out = (struct recovery_lock) { .call_found = false };
    if (payment == NULL || (read->owner != NULL && !same(payment->owner_id, read->owner)))
        return OK;
    part_lock_payment(ctx->store, payment, &read->out->payment);
    read->out->now_ms = ctx->store->now_ms;
    row = call_due_first(ctx->store, payment->id.text);
    if (row == NULL)
        return OK;
    read->out->call_found = true;
    read->out->call = part_call_of(ctx, row);
    if (row->refund_id.text[0] != '\0')
        read->out->refund = *part_refund_row(part_tables(ctx->store), row->refund_id.text);
    if (!read->out->call.leased) {
        read->out->call.attempts = ++row->attempts;
        part_lease(ctx->store, row);
    }
    return OK;
}

const struct problem *store_recovery_lock(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner, struct recovery_lock *lock_out)
{
    struct recovery_read read = { payment_id, owner, lock_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_recovery, &read);
}

static bool is_due(struct store *store, const struct payment *payment)
{
    struct fake_tables *rows = part_tables(store);
    bool asked = false;

    for (int i = 0; i < rows->call_count; i++) {
        const struct fake_call *row = &rows->calls[i];

        if (!part_is_open_call_of(row, payment->id.text))
            continue;
        asked = true;
        if (!part_is_leased(store, row) && row->next_at_ms <= store->now_ms)
            return true;
    }
    return !asked && payment_is_open(&payment->facts) && payment->provider_ref[0] != '\0'
        && (payment->surplus
            || payment->expires_at_ms + PAYMENT_EXPIRY_GRACE_S * 1000 < store->now_ms);
}

struct due_read { struct payment_id *ids; int *count; };

static const struct problem *read_due(struct ctx *ctx, void *argument)
{
    const struct due_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    *read->count = 0;
    for (int i = 0; i < rows->payment_count && *read->count < JOBS_BATCH_MAX; i++)
        if (is_due(ctx->store, &rows->payments[i]))
            read->ids[(*read->count)++] = rows->payments[i].id;
    return OK;
}

const struct problem *store_due_payments(struct ctx *ctx, struct payment_id ids_out[JOBS_BATCH_MAX],
                                         int *count_out)
{
    struct due_read read = { ids_out, count_out };

    return part_wait(ctx, read_due, &read);
}

static const struct problem *apply_nothing(struct ctx *ctx, const void *argument)
{
    (void) argument;
    ctx->store->notify_count++;
    return OK;
}

void store_work_notify(struct ctx *ctx)
{
    part_queue(ctx, apply_nothing, NULL);
}

int fake_store_notify_count(const struct store *store) { return store->notify_count; }
