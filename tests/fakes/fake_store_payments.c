/* Payments in memory, with what the schema promises of them. */
#include "fake_store_parts.h"

void part_read_payment(struct store *store, const struct payment *row, struct payment_lock *out)
{
    struct fake_tables *rows = part_tables(store);
    const struct payment *holder;

    *out = (struct payment_lock) { .found = row != NULL };
    if (row == NULL)
        return;
    out->payment = *row;
    out->order_status = part_order_row(rows, row->order_id.text)->status;
    holder = part_holder_of(rows, row->order_id.text, row->id.text);
    out->order_taken = holder != NULL;
    if (holder != NULL && payment_is_open(&holder->facts))
        out->open_rival = holder->id;
}

void part_lock_payment(struct store *store, const struct payment *row, struct payment_lock *out)
{
    part_read_payment(store, row, out);
    if (row == NULL)
        return;
    store->locked_payment = row->id;
    store->locked_order = row->order_id;
}

struct payment_lock_read { struct payment_id id; struct payment_lock *out; };

static const struct problem *read_payment_lock(struct ctx *ctx, void *argument)
{
    const struct payment_lock_read *read = argument;

    part_lock_payment(ctx->store, part_payment_row(part_tables(ctx->store), read->id.text),
                      read->out);
    return OK;
}

const struct problem *store_payment_lock(struct ctx *ctx, struct payment_id id,
                                         struct payment_lock *lock_out)
{
    struct payment_lock_read read = { id, lock_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_payment_lock, &read);
}

/* --- As peeked ----------------------------------------------------------------------------- */

/* FNV-1a. A write always leaves other bytes: at least a time or a counter. */
int64_t part_version(const void *row, size_t size)
{
    const unsigned char *bytes = row;
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    return (int64_t) (hash | 1);
}

void part_see_order(const struct order *row, struct peeked *seen)
{
    if (row == NULL)
        return;
    seen->order_id = row->id;
    seen->order_version = part_version(row, sizeof(*row));
}

void part_see_payment(const struct payment *row, struct peeked *seen)
{
    if (row == NULL)
        return;
    seen->payment_id = row->id;
    seen->payment_version = part_version(row, sizeof(*row));
}

void part_lock_order(struct store *store, const struct order *row)
{
    store->locked_order = row->id;
}

static bool is_as_seen(struct fake_tables *rows, const struct peeked *seen)
{
    struct peeked now = { .order_version = 0 };
    const struct refund *refund = part_refund_row(rows, seen->refund_id.text);

    part_see_order(part_order_row(rows, seen->order_id.text), &now);
    part_see_payment(part_payment_row(rows, seen->payment_id.text), &now);
    if (refund != NULL)
        now.refund_version = part_version(refund, sizeof(*refund));
    return now.order_version == seen->order_version && now.payment_version == seen->payment_version
        && now.refund_version == seen->refund_version;
}

static const struct problem *apply_peeked_hold(struct ctx *ctx, const void *argument)
{
    const struct peeked *seen = argument;

    if (!is_as_seen(part_tables(ctx->store), seen))
        return part_repeatable(ctx, PROBLEM_REQUEST_IN_PROGRESS, "peeked_hold");
    ctx->store->locked_order = seen->order_id;
    ctx->store->locked_payment = seen->payment_id;
    return OK;
}

void store_peeked_hold(struct ctx *ctx, const struct peeked *seen)
{
    struct peeked *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *seen;
    part_queue(ctx, apply_peeked_hold, copy);
}

/* --- As written before the call -------------------------------------------------------------- */

struct payment_hold { struct payment_lock known; struct call_id call_id; };

/* By what it says, as rows here have no xmin. */
static bool is_still(const struct payment *row, const struct payment *known)
{
    return payment_facts_equal(&row->facts, &known->facts)
        && row->facts.refunded_minor == known->facts.refunded_minor
        && row->refund_held_minor == known->refund_held_minor
        && row->needs_review == known->needs_review && row->dispute == known->dispute
        && same(row->provider_ref, known->provider_ref)
        && same(row->provider_intent, known->provider_intent);
}

static bool is_fresh(struct fake_tables *rows, const struct fake_call *call)
{
    const struct refund *refund = part_refund_row(rows, call->refund_id.text);

    return call->attempts == 1 && !call->recorded
        && (refund == NULL || (refund->status == REFUND_PENDING
                               && refund->provider_ref[0] == '\0'));
}

static const struct problem *apply_payment_hold(struct ctx *ctx, const void *argument)
{
    const struct payment_hold *hold = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const struct fake_call *call = part_call_row(rows, hold->call_id.text);
    struct payment_lock lock;

    part_lock_payment(ctx->store, part_payment_row(rows, hold->known.payment.id.text), &lock);
    if (!lock.found || call == NULL || !is_still(&lock.payment, &hold->known.payment)
        || !is_fresh(rows, call) || lock.order_status != hold->known.order_status)
        return part_repeatable(ctx, PROBLEM_REQUEST_IN_PROGRESS, "payment_hold");
    return OK;
}

void store_payment_hold(struct ctx *ctx, const struct payment_lock *known,
                        const struct provider_call *call)
{
    struct payment_hold *hold = arena_alloc(ctx->arena, sizeof(*hold));

    *hold = (struct payment_hold) { *known, call->id };
    part_queue(ctx, apply_payment_hold, hold);
}

/* What the table's guard, CHECKs and indexes would say to this row; NULL: nothing. */
const char *part_broken_constraint(struct fake_tables *rows, const struct payment *payment)
{
    const struct order *order = part_order_row(rows, payment->order_id.text);

    if (order == NULL || !money_equal(order->amount, payment->amount))
        return "payment_amount_is_the_orders";
    if (payment->status != payment_derive(&payment->facts, payment->amount.minor))
        return "status_follows_from_facts";
    if (payment->facts.captured_minor > payment->amount.minor && !payment->facts.mismatch)
        return "captured_within_amount";
    if (payment->facts.refunded_minor > payment->refund_held_minor
        || payment->refund_held_minor > payment->facts.captured_minor)
        return "refunds_within_captured";
    if ((payment->completed_at_ms != 0) != (payment->facts.captured_minor > 0))
        return "completed_when_captured";
    if (payment->facts.mismatch && payment->review_reason[0] == '\0')
        return "mismatch_has_a_reason";
    if (part_holds_order(payment)
        && part_holder_of(rows, payment->order_id.text, payment->id.text) != NULL)
        return "one_live_payment";
    for (int i = 0; i < rows->payment_count; i++) {
        const struct payment *other = &rows->payments[i];

        if (same(other->id.text, payment->id.text) || !same(other->provider, payment->provider))
            continue;
        if (payment->provider_ref[0] != '\0' && same(other->provider_ref, payment->provider_ref))
            return "provider_ref_once";
        if (payment->provider_intent[0] != '\0'
            && same(other->provider_intent, payment->provider_intent))
            return "provider_intent_once";
    }
    return NULL;
}

/* What the update trigger would say. */
static const char *broken_guard(const struct payment *old, const struct payment *new)
{
    bool moved = !same(old->order_id.text, new->order_id.text);

    if (!same(old->provider, new->provider) || old->created_at_ms != new->created_at_ms
        || old->expires_at_ms != new->expires_at_ms
        || (!moved && !money_equal(old->amount, new->amount)))
        return "payment_is_immutable";
    if (moved && (old->facts.captured_minor == 0
                  || !(old->surplus || payment_is_underpaid(&old->facts, old->amount.minor))))
        return "payment_is_immutable";
    if (moved && (old->refund_held_minor > 0 || old->disputed_minor > 0))
        return "attached_money_is_whole";
    if (new->facts.captured_minor < old->facts.captured_minor)
        return "captured_never_shrinks";
    if (new->facts.closed < old->facts.closed)
        return "closed_stays_closed";
    if (old->surplus && !new->surplus && !moved)
        return "surplus_is_sticky";
    if (old->facts.mismatch && !new->facts.mismatch)
        return "mismatch_is_sticky";
    if (old->facts.accepted && !new->facts.accepted && !moved)
        return "acceptance_is_sticky";
    if ((old->review_causes & ~new->review_causes) != 0)
        return "review_causes_are_sticky";
    if (old->provider_ref[0] != '\0' && !same(old->provider_ref, new->provider_ref))
        return "provider_ref_is_written_once";
    if (old->provider_intent[0] != '\0' && !same(old->provider_intent, new->provider_intent))
        return "provider_intent_is_written_once";
    if (old->completed_at_ms != 0 && old->completed_at_ms != new->completed_at_ms)
        return "completed_once";
    return NULL;
}

static const struct problem *apply_payment_insert(struct ctx *ctx, const void *argument)
{
    const struct payment *payment = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const char *broken = part_broken_constraint(rows, payment);

    if (part_payment_row(rows, payment->id.text) != NULL)
        return part_refuse(ctx, "payments_pkey");
    if (broken != NULL)
        return part_refuse(ctx, broken);
    if (!same(ctx->store->locked_order.text, payment->order_id.text))
        fail_msg("a payment was opened without the order's lock");
    assert_true(rows->payment_count < FAKE_ROWS_MAX);
    rows->payments[rows->payment_count++] = *payment;
    return OK;
}

/* The refund counters are not the application's to write. */
static const struct problem *apply_payment_update(struct ctx *ctx, const void *argument)
{
    struct payment payment = *(const struct payment *) argument;
    struct payment *row = part_payment_row(part_tables(ctx->store), payment.id.text);
    const char *broken;

    if (row == NULL || !same(ctx->store->locked_payment.text, payment.id.text))
        fail_msg("a payment was changed without its lock");
    payment.refund_held_minor = row->refund_held_minor;
    payment.facts.refunded_minor = row->facts.refunded_minor;
    broken = broken_guard(row, &payment);
    if (broken == NULL)
        broken = part_broken_constraint(part_tables(ctx->store), &payment);
    if (broken != NULL)
        return part_refuse(ctx, broken);
    *row = payment;
    return OK;
}

static const struct payment *payment_dup(struct ctx *ctx, const struct payment *payment)
{
    struct payment *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *payment;
    return copy;
}

void store_payment_insert(struct ctx *ctx, const struct payment *payment)
{
    part_queue(ctx, apply_payment_insert, payment_dup(ctx, payment));
}

void store_payment_open(struct ctx *ctx, const struct payment *payment, const struct peeked *seen)
{
    store_peeked_hold(ctx, seen);
    store_payment_insert(ctx, payment);
}

void store_payment_update(struct ctx *ctx, const struct payment *payment)
{
    part_queue(ctx, apply_payment_update, payment_dup(ctx, payment));
}

static const struct problem *apply_payment_attach(struct ctx *ctx, const void *argument)
{
    const struct payment *payment = argument;

    if (!same(ctx->store->locked_order.text, payment->order_id.text))
        fail_msg("money was attached without the order's lock");
    return apply_payment_update(ctx, argument);
}

void store_payment_attach(struct ctx *ctx, const struct payment *payment)
{
    part_queue(ctx, apply_payment_attach, payment_dup(ctx, payment));
}

static const struct problem *apply_give_way(struct ctx *ctx, const void *argument)
{
    const struct payment_id *id = argument;
    struct payment *row = part_payment_row(part_tables(ctx->store), id->text);

    if (row == NULL || row->surplus || !payment_is_open(&row->facts)
        || !same(ctx->store->locked_order.text, row->order_id.text))
        return part_refuse(ctx, "payment_give_way");
    row->surplus = true;
    row->checkout_url[0] = '\0';
    return OK;
}

void store_payment_give_way(struct ctx *ctx, struct payment_id id)
{
    struct payment_id *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = id;
    part_queue(ctx, apply_give_way, copy);
}

struct payment_read {
    const char     *payment_id;         /* NULL: the order's */
    const char     *order_id;
    const char     *owner;
    struct payment *out;
    bool           *found_out;
};

static const struct problem *read_payment(struct ctx *ctx, void *argument)
{
    const struct payment_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    const struct payment *row = NULL;

    if (read->payment_id != NULL)
        row = part_payment_row(rows, read->payment_id);
    else
        row = part_holder_of(rows, read->order_id, "");
    for (int i = rows->payment_count - 1; row == NULL && read->payment_id == NULL && i >= 0; i--)
        if (same(rows->payments[i].order_id.text, read->order_id)
            && !(rows->payments[i].not_begun && rows->payments[i].facts.captured_minor == 0))
            row = &rows->payments[i];
    *read->found_out = row != NULL && (read->owner == NULL || same(row->owner_id, read->owner));
    if (*read->found_out)
        *read->out = *row;
    return OK;
}

const struct problem *store_payment_find(struct ctx *ctx, struct payment_id id, const char *owner,
                                         struct payment *payment_out, bool *found_out)
{
    struct payment_read read = { id.text, NULL, owner, payment_out, found_out };

    return part_wait(ctx, read_payment, &read);
}

const struct problem *store_order_payment_find(struct ctx *ctx, struct order_id id,
                                               const char *owner, struct payment *payment_out,
                                               bool *found_out)
{
    struct payment_read read = { NULL, id.text, owner, payment_out, found_out };

    return part_wait(ctx, read_payment, &read);
}
