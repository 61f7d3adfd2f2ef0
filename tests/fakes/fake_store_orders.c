/* Orders in memory. */
#include "fake_store_parts.h"

#include <stdlib.h>

static const struct problem *apply_order_insert(struct ctx *ctx, const void *argument)
{
    const struct order *order = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    if (part_order_row(rows, order->id.text) != NULL)
        return problem_new(ctx->arena, PROBLEM_ORDER_ALREADY_EXISTS, "Order %s exists already.",
                           order->id.text);
    assert_true(rows->order_count < FAKE_ROWS_MAX);
    rows->orders[rows->order_count++] = *order;
    return OK;
}

void store_order_insert(struct ctx *ctx, const struct order *order)
{
    struct order *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *order;
    part_queue(ctx, apply_order_insert, copy);
}

struct order_label { struct order_id id; enum order_status status; };

static const struct problem *apply_order_status(struct ctx *ctx, const void *argument)
{
    const struct order_label *label = argument;
    struct order *row = part_order_row(part_tables(ctx->store), label->id.text);

    if (row == NULL || !same(ctx->store->locked_order.text, label->id.text))
        fail_msg("an order's status was set without its lock");
    row->status = label->status;
    return OK;
}

void store_order_set_status(struct ctx *ctx, struct order_id id, enum order_status status)
{
    struct order_label *label = arena_alloc(ctx->arena, sizeof(*label));

    *label = (struct order_label) { id, status };
    part_queue(ctx, apply_order_status, label);
}

struct order_owner { struct order_id id; const char *owner_id; };

static const struct problem *apply_order_owner(struct ctx *ctx, const void *argument)
{
    const struct order_owner *given = argument;
    struct order *row = part_order_row(part_tables(ctx->store), given->id.text);

    if (row == NULL || !same(row->owner_id, ORDER_OWNER_UNKNOWN))
        return part_refuse(ctx, "order_is_immutable");
    COPY(row->owner_id, given->owner_id);
    return OK;
}

void store_order_set_owner(struct ctx *ctx, struct order_id id, const char *owner_id)
{
    struct order_owner *given = arena_alloc(ctx->arena, sizeof(*given));

    *given = (struct order_owner) { id, owner_id };
    part_queue(ctx, apply_order_owner, given);
}

struct order_read { struct order_id id; const char *owner; struct order *out; bool *found_out; };

struct order *part_visible_order(struct fake_tables *rows, struct order_id id, const char *owner)
{
    struct order *row = part_order_row(rows, id.text);

    return row != NULL && (owner == NULL || same(row->owner_id, owner)) ? row : NULL;
}

static const struct problem *read_order(struct ctx *ctx, void *argument)
{
    const struct order_read *read = argument;
    const struct order *row = part_visible_order(part_tables(ctx->store), read->id, read->owner);

    *read->found_out = row != NULL;
    if (row != NULL)
        *read->out = *row;
    return OK;
}

const struct problem *store_order_find(struct ctx *ctx, struct order_id id, const char *owner,
                                       struct order *order_out, bool *found_out)
{
    struct order_read read = { id, owner, order_out, found_out };

    return part_wait(ctx, read_order, &read);
}

struct page_read { const struct order_page_query *query; struct order_page *out; };

/* Newest first: by time, then by id. */
static int compare_orders(const void *a, const void *b)
{
    const struct order *left = a, *right = b;

    if (left->created_at_ms != right->created_at_ms)
        return left->created_at_ms < right->created_at_ms ? 1 : -1;
    return strcmp(right->id.text, left->id.text);
}

static bool is_before_cursor(const struct order *order, const struct order_page_query *query)
{
    if (query->page != 0 || query->after_id == NULL)
        return true;
    if (order->created_at_ms != query->after_created_at_ms)
        return order->created_at_ms < query->after_created_at_ms;
    return strcmp(order->id.text, query->after_id) < 0;
}

static const struct problem *read_page(struct ctx *ctx, void *argument)
{
    const struct page_read *read = argument;
    const struct order_page_query *query = read->query;
    const struct fake_tables *rows = part_tables(ctx->store);
    struct order *all = arena_alloc(ctx->arena, sizeof(*all) * FAKE_ROWS_MAX);
    int64_t skip = query->page > 0 ? (query->page - 1) * query->limit : 0;
    int count = 0;

    for (int i = 0; i < rows->order_count; i++)
        if ((query->owner == NULL || same(rows->orders[i].owner_id, query->owner))
            && is_before_cursor(&rows->orders[i], query))
            all[count++] = rows->orders[i];
    qsort(all, (size_t) count, sizeof(*all), compare_orders);
    if (skip > count)
        skip = count;
    *read->out = (struct order_page) { .orders = all + skip, .total = count };
    read->out->more = count - skip > query->limit;
    read->out->count = read->out->more ? query->limit : (int) (count - skip);
    return OK;
}

const struct problem *store_orders_list(struct ctx *ctx, const struct order_page_query *query,
                                        struct order_page *page_out)
{
    struct page_read read = { query, page_out };

    return part_wait(ctx, read_page, &read);
}
