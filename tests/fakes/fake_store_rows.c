/* Finding rows in memory, and refusing as the schema would. */
#include "fake_store_parts.h"

struct fake_tables *part_tables(struct store *store)
{
    return store->open ? &store->working : &store->committed;
}

#define COPY_ROWS(to, from, rows, count) \
    memcpy((to)->rows, (from)->rows, (size_t) (from)->count * sizeof((from)->rows[0])), \
    (to)->count = (from)->count

void fake_tables_copy(struct fake_tables *to, const struct fake_tables *from)
{
    COPY_ROWS(to, from, orders, order_count);
    COPY_ROWS(to, from, payments, payment_count);
    COPY_ROWS(to, from, refunds, refund_count);
    COPY_ROWS(to, from, disputes, dispute_count);
    COPY_ROWS(to, from, calls, call_count);
    COPY_ROWS(to, from, keys, key_count);
    COPY_ROWS(to, from, webhooks, webhook_count);
    COPY_ROWS(to, from, ledger, ledger_count);
    COPY_ROWS(to, from, audit, audit_count);
    COPY_ROWS(to, from, api_keys, api_key_count);
    to->cursor = from->cursor;
}

struct order *part_order_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->order_count; i++)
        if (same(rows->orders[i].id.text, id))
            return &rows->orders[i];
    return NULL;
}

struct payment *part_payment_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->payment_count; i++)
        if (same(rows->payments[i].id.text, id))
            return &rows->payments[i];
    return NULL;
}

struct refund *part_refund_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->refund_count; i++)
        if (same(rows->refunds[i].id.text, id))
            return &rows->refunds[i];
    return NULL;
}

struct fake_call *part_call_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->call_count; i++)
        if (same(rows->calls[i].id.text, id))
            return &rows->calls[i];
    return NULL;
}

/* The index one_live_payment. */
bool part_holds_order(const struct payment *payment)
{
    return (payment_is_open(&payment->facts) || payment->facts.captured_minor > 0)
        && !payment->surplus;
}

struct payment *part_holder_of(struct fake_tables *rows, const char *order_id, const char *except)
{
    for (int i = 0; i < rows->payment_count; i++)
        if (same(rows->payments[i].order_id.text, order_id) && part_holds_order(&rows->payments[i])
            && !same(rows->payments[i].id.text, except))
            return &rows->payments[i];
    return NULL;
}

struct problem *part_repeatable(struct ctx *ctx, enum problem_type type, const char *cause)
{
    struct problem *problem = problem_because(ctx->arena,
                                              problem_new(ctx->arena, type, "Try again."), "%s",
                                              cause);

    problem->repeatable = true;
    return problem;
}

const struct problem *part_refuse(struct ctx *ctx, const char *constraint)
{
    /* Somebody opened it since our peek: the repeat sees it. */
    if (same(constraint, "one_live_payment"))
        return part_repeatable(ctx, PROBLEM_INVALID_PAYMENT_STATE, constraint);
    ctx->store->refusal_count++;
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_INTERNAL, "Something went wrong."),
                           "%s", constraint);
}
