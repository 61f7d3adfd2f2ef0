/* Refunds in memory, with what the schema promises of them. */
#include "fake_store_parts.h"

int64_t part_held_minor(const struct refund *refund)
{
    return refund_holds_money(refund->status) ? refund->amount.minor : 0;
}

int64_t part_done_minor(const struct refund *refund)
{
    return refund->status == REFUND_SUCCEEDED ? refund->amount.minor : 0;
}

/* The trigger refunds_count, on the locked payment. */
static const struct problem *move_counters(struct ctx *ctx, const struct refund *refund,
                                           int64_t held_minor, int64_t done_minor)
{
    struct payment *payment = part_payment_row(part_tables(ctx->store), refund->payment_id.text);
    const char *broken;

    if (payment == NULL || !same(ctx->store->locked_payment.text, payment->id.text))
        fail_msg("a refund was written without its payment's lock");
    payment->refund_held_minor += held_minor;
    payment->facts.refunded_minor += done_minor;
    payment->status = payment_derive(&payment->facts, payment->amount.minor);
    if (done_minor != 0)
        payment->updated_at_ms = refund->updated_at_ms;
    broken = part_broken_constraint(part_tables(ctx->store), payment);
    return broken == NULL ? OK : part_refuse(ctx, broken);
}

static const char *broken_refund(struct fake_tables *rows, const struct refund *refund)
{
    for (int i = 0; i < rows->refund_count; i++) {
        const struct refund *other = &rows->refunds[i];

        if (same(other->id.text, refund->id.text))
            continue;
        if (refund->provider_ref[0] != '\0' && same(other->provider, refund->provider)
            && same(other->provider_ref, refund->provider_ref))
            return "refund_ref_once";
        if (refund->client_key[0] != '\0' && same(other->client_key, refund->client_key)
            && same(other->payment_id.text, refund->payment_id.text))
            return "refund_key_once";
    }
    return refund->amount.minor > 0 ? NULL : "refund_amount_is_positive";
}

static const struct problem *apply_refund_insert(struct ctx *ctx, const void *argument)
{
    const struct refund *refund = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const char *broken = broken_refund(rows, refund);

    if (part_refund_row(rows, refund->id.text) != NULL)
        return part_refuse(ctx, "refunds_pkey");
    if (broken != NULL)
        return part_refuse(ctx, broken);
    assert_true(rows->refund_count < FAKE_ROWS_MAX);
    rows->refunds[rows->refund_count++] = *refund;
    return move_counters(ctx, refund, part_held_minor(refund), part_done_minor(refund));
}

static const struct problem *apply_refund_update(struct ctx *ctx, const void *argument)
{
    const struct refund *refund = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    struct refund *row = part_refund_row(rows, refund->id.text);
    const char *broken = broken_refund(rows, refund);
    struct refund old;

    if (row == NULL)
        return part_refuse(ctx, "refund_is_there");
    if (refund->status < row->status
        && !(row->status == REFUND_FAILED && row->provider_ref[0] == '\0'
             && refund->provider_ref[0] != '\0'))
        broken = "refund_never_goes_back";
    if (row->provider_ref[0] != '\0' && !same(row->provider_ref, refund->provider_ref))
        broken = "refund_ref_is_written_once";
    if (!money_equal(row->amount, refund->amount) || row->origin != refund->origin
        || !same(row->client_key, refund->client_key))
        broken = "refund_is_immutable";
    if (broken != NULL)
        return part_refuse(ctx, broken);
    old = *row;
    *row = *refund;
    return move_counters(ctx, refund, part_held_minor(refund) - part_held_minor(&old),
                         part_done_minor(refund) - part_done_minor(&old));
}

static const struct refund *refund_dup(struct ctx *ctx, const struct refund *refund)
{
    struct refund *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *refund;
    return copy;
}

void store_refund_insert(struct ctx *ctx, const struct refund *refund)
{
    part_queue(ctx, apply_refund_insert, refund_dup(ctx, refund));
}

void store_refund_update(struct ctx *ctx, const struct refund *refund)
{
    part_queue(ctx, apply_refund_update, refund_dup(ctx, refund));
}

/* By our id, else by the provider's; or by the client's key. Only within the payment. */
static const struct refund *refund_named(struct fake_tables *rows, const char *payment_id,
                                         const struct provider_refund *named,
                                         const char *client_key)
{
    const struct refund *found = NULL;

    for (int i = 0; i < rows->refund_count; i++) {
        const struct refund *row = &rows->refunds[i];

        if (!same(row->payment_id.text, payment_id))
            continue;
        if (client_key[0] != '\0' && same(row->client_key, client_key))
            return row;
        if (named != NULL && same(row->id.text, named->refund_id.text))
            return row;
        if (named != NULL && named->ref[0] != '\0' && same(row->provider_ref, named->ref))
            found = row;
    }
    return found;
}

void part_read_event_refund(struct fake_tables *rows, const struct provider_event *event,
                              struct inbox_lock *lock)
{
    const struct refund *refund;

    if (event->kind != PROVIDER_EVENT_REFUND || !lock->payment.found)
        return;
    refund = refund_named(rows, lock->payment.payment.id.text, &event->refund, "");
    lock->refund_found = refund != NULL;
    if (refund != NULL)
        lock->refund = *refund;
}

struct refund_peek_read {
    const struct idempotency_key *key;
    struct payment_id             payment_id;
    struct provider_refund        named;
    struct refund_peek           *out;
};

static void see_refund(struct ctx *ctx, const struct refund *row, struct refund_peek *peek)
{
    peek->rows.refund_found = row != NULL;
    if (row == NULL)
        return;
    peek->rows.refund = *row;
    peek->seen.refund_id = row->id;
    peek->seen.refund_version = part_version(row, sizeof(*row));
    peek->call_found = part_find_open_call(ctx, row->payment_id.text, "refund", row->id.text,
                                           &peek->call);
}

static const struct problem *read_refund_peek(struct ctx *ctx, void *argument)
{
    const struct refund_peek_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const struct payment *payment = part_payment_row(rows, read->payment_id.text);
    struct refund_peek peek = { .claim = part_peek_key(ctx, read->key) };

    if (payment != NULL) {
        part_see_order(part_order_row(rows, payment->order_id.text), &peek.seen);
        part_see_payment(payment, &peek.seen);
        part_read_payment(ctx->store, payment, &peek.rows.payment);
        see_refund(ctx, refund_named(rows, payment->id.text, &read->named, read->key->key), &peek);
    }
    *read->out = peek;
    return OK;
}

const struct problem *store_refund_peek(struct ctx *ctx, const struct idempotency_key *key,
                                        struct payment_id payment_id, struct refund_id refund_id,
                                        struct refund_peek *peek_out)
{
    struct refund_peek_read read = { key, payment_id, { .refund_id = refund_id }, peek_out };

    return part_peek(ctx, read_refund_peek, &read);
}

static const struct problem *apply_queue_up(struct ctx *ctx, const void *argument)
{
    struct payment_lock lock;

    part_lock_payment(ctx->store, part_payment_row(part_tables(ctx->store), argument), &lock);
    return OK;
}

void store_refund_queue_up(struct ctx *ctx, const struct idempotency_key *key,
                           struct payment_id payment_id)
{
    store_key_queue_up(ctx, key);
    part_queue(ctx, apply_queue_up, arena_strdup(ctx->arena, payment_id.text));
}

struct refund_lock_read {
    struct payment_id             payment_id;
    const struct provider_refund *named;
    struct refund_lock           *out;
};

static const struct problem *read_refund_lock(struct ctx *ctx, void *argument)
{
    const struct refund_lock_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const struct refund *refund = refund_named(rows, read->payment_id.text, read->named, "");
    struct refund_lock lock = { .refund_found = refund != NULL };

    part_lock_payment(ctx->store, part_payment_row(rows, read->payment_id.text), &lock.payment);
    if (refund != NULL)
        lock.refund = *refund;
    *read->out = lock;
    return OK;
}

const struct problem *store_refund_lock(struct ctx *ctx, struct payment_id payment_id,
                                        const struct provider_refund *named,
                                        struct refund_lock *lock_out)
{
    struct refund_lock_read read = { payment_id, named, lock_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_refund_lock, &read);
}

struct refunds_read {
    struct payment_id payment_id;
    const char       *owner;
    struct refund   **refunds_out;
    int              *count_out;
    bool             *found_out;
};

static const struct problem *read_refunds(struct ctx *ctx, void *argument)
{
    const struct refunds_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const struct payment *payment = part_payment_row(rows, read->payment_id.text);

    *read->found_out = payment != NULL
        && (read->owner == NULL || same(payment->owner_id, read->owner));
    *read->refunds_out = arena_alloc(ctx->arena, sizeof(struct refund) * FAKE_ROWS_MAX);
    *read->count_out = 0;
    for (int i = 0; *read->found_out && i < rows->refund_count; i++)
        if (same(rows->refunds[i].payment_id.text, payment->id.text))
            (*read->refunds_out)[(*read->count_out)++] = rows->refunds[i];
    return OK;
}

const struct problem *store_refunds_list(struct ctx *ctx, struct payment_id payment_id,
                                         const char *owner, struct refund **refunds_out,
                                         int *count_out, bool *found_out)
{
    struct refunds_read read = { payment_id, owner, refunds_out, count_out, found_out };

    return part_wait(ctx, read_refunds, &read);
}
