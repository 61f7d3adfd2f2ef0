/* Disputes in memory, with what the schema promises of them. */
#include "fake_store_parts.h"

static void find_disputes(struct ctx *ctx, const char *payment_id, struct dispute **disputes_out,
                          int *count_out)
{
    struct fake_tables *rows = part_tables(ctx->store);

    *disputes_out = arena_alloc(ctx->arena,
                                (size_t) (rows->dispute_count + 1) * sizeof(**disputes_out));
    *count_out = 0;
    for (int i = 0; i < rows->dispute_count; i++)
        if (same(rows->disputes[i].payment_id.text, payment_id))
            (*disputes_out)[(*count_out)++] = rows->disputes[i];
}

void part_read_disputes(struct ctx *ctx, const struct provider_event *event,
                        struct inbox_lock *lock_out)
{
    if (event->kind == PROVIDER_EVENT_DISPUTE && lock_out->payment.found)
        find_disputes(ctx, lock_out->payment.payment.id.text, &lock_out->disputes,
                      &lock_out->dispute_count);
}

/* --- Locking and listing ------------------------------------------------------------------- */

struct lock_read { struct payment_id id; struct dispute_lock *out; };

static const struct problem *read_lock(struct ctx *ctx, void *argument)
{
    const struct lock_read *read = argument;

    part_lock_payment(ctx->store, part_payment_row(part_tables(ctx->store), read->id.text),
                      &read->out->payment);
    find_disputes(ctx, read->id.text, &read->out->disputes, &read->out->count);
    return OK;
}

const struct problem *store_dispute_lock(struct ctx *ctx, struct payment_id payment_id,
                                         struct dispute_lock *lock_out)
{
    struct lock_read read = { payment_id, lock_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_lock, &read);
}

struct list_read {
    struct payment_id id;
    const char       *owner;
    struct dispute  **disputes_out;
    int              *count_out;
    bool             *found_out;
};

static const struct problem *read_list(struct ctx *ctx, void *argument)
{
    const struct list_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    *read->found_out = false;
    for (int i = 0; i < rows->payment_count; i++)
        *read->found_out |= same(rows->payments[i].id.text, read->id.text)
            && (read->owner == NULL || same(rows->payments[i].owner_id, read->owner));
    find_disputes(ctx, *read->found_out ? read->id.text : "", read->disputes_out, read->count_out);
    return OK;
}

const struct problem *store_disputes_list(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner, struct dispute **disputes_out,
                                          int *count_out, bool *found_out)
{
    struct list_read read = { payment_id, owner, disputes_out, count_out, found_out };

    return part_wait(ctx, read_list, &read);
}

/* --- Writing ------------------------------------------------------------------------------- */

static const char *broken_check(const struct dispute *dispute)
{
    const struct dispute_facts *facts = &dispute->facts;

    if (facts->amount_minor <= 0)
        return "dispute_amount_is_positive";
    if (facts->fact.status == DISPUTE_NONE)
        return "dispute_status_is_known";
    if (facts->fact.contradictory && facts->fact.status != DISPUTE_OPEN)
        return "contradiction_reads_open";
    return facts->reinstated_minor > facts->withdrawn_minor ? "reinstated_within_withdrawn" : NULL;
}

static const char *broken_guard(const struct dispute *old, const struct dispute *new)
{
    if (!same(old->provider_ref, new->provider_ref) || !same(old->currency, new->currency)
        || !same(old->payment_id.text, new->payment_id.text)
        || old->created_at_ms != new->created_at_ms)
        return "dispute_is_immutable";
    if (new->facts.at_ms < old->facts.at_ms)
        return "dispute_never_goes_back";
    if (new->facts.withdrawn_minor < old->facts.withdrawn_minor
        || new->facts.reinstated_minor < old->facts.reinstated_minor)
        return "dispute_money_never_shrinks";
    return NULL;
}

static const struct problem *apply_insert(struct ctx *ctx, const void *argument)
{
    const struct dispute *dispute = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    if (!same(ctx->store->locked_payment.text, dispute->payment_id.text))
        fail_msg("a dispute was written without its payment's lock");
    for (int i = 0; i < rows->dispute_count; i++)
        if (same(rows->disputes[i].provider_ref, dispute->provider_ref)
            && same(rows->disputes[i].provider, dispute->provider))
            return part_refuse(ctx, "dispute_ref_once");
    if (broken_check(dispute) != NULL)
        return part_refuse(ctx, broken_check(dispute));
    assert_true(rows->dispute_count < FAKE_ROWS_MAX);
    rows->disputes[rows->dispute_count++] = *dispute;
    return OK;
}

static const struct problem *apply_update(struct ctx *ctx, const void *argument)
{
    const struct dispute *dispute = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    if (!same(ctx->store->locked_payment.text, dispute->payment_id.text))
        fail_msg("a dispute was changed without its payment's lock");
    for (int i = 0; i < rows->dispute_count; i++) {
        struct dispute *row = &rows->disputes[i];
        const char *broken = broken_check(dispute);

        if (!same(row->id.text, dispute->id.text))
            continue;
        if (broken == NULL)
            broken = broken_guard(row, dispute);
        if (broken != NULL)
            return part_refuse(ctx, broken);
        *row = *dispute;
        return OK;
    }
    return part_refuse(ctx, "dispute_is_there");
}

static const struct dispute *dispute_dup(struct ctx *ctx, const struct dispute *dispute)
{
    struct dispute *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *dispute;
    return copy;
}

void store_dispute_insert(struct ctx *ctx, const struct dispute *dispute)
{
    part_queue(ctx, apply_insert, dispute_dup(ctx, dispute));
}

void store_dispute_update(struct ctx *ctx, const struct dispute *dispute)
{
    part_queue(ctx, apply_update, dispute_dup(ctx, dispute));
}

/* --- Invariants ---------------------------------------------------------------------------- */

static int64_t booked(const struct fake_tables *rows, const char *payment_id,
                      enum movement_kind kind)
{
    int64_t sum = 0;

    for (int i = 0; i < rows->ledger_count; i++)
        if (same(rows->ledger[i].payment_id.text, payment_id) && rows->ledger[i].kind == kind)
            sum += rows->ledger[i].amount_minor;
    return sum;
}

bool part_disputes_agree(const struct fake_tables *rows, const struct payment *payment)
{
    struct dispute own[FAKE_ROWS_MAX];
    int64_t withdrawn_minor = 0, reinstated_minor = 0;
    int count = 0;

    for (int i = 0; i < rows->dispute_count; i++)
        if (same(rows->disputes[i].payment_id.text, payment->id.text)) {
            withdrawn_minor += rows->disputes[i].facts.withdrawn_minor;
            reinstated_minor += rows->disputes[i].facts.reinstated_minor;
            own[count++] = rows->disputes[i];
        }
    return payment->dispute == dispute_overlay(own, count)
        && payment->disputed_minor == withdrawn_minor - reinstated_minor
        && booked(rows, payment->id.text, MOVEMENT_DISPUTE) == -withdrawn_minor
        && booked(rows, payment->id.text, MOVEMENT_DISPUTE_REVERSAL) == reinstated_minor;
}
