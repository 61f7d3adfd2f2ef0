/* Orders: inserted, labelled, found and listed. */
#include "application/store/store_orders.h"

#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

static const struct pg_statement order_insert = {
    .name = "order_insert",
    .sql =
        "INSERT INTO orders"
        "   (order_id, owner_id, amount_minor, currency, status, description, customer_email,"
        "    metadata, created_at, updated_at)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6, $7, $8, at_ms($9), at_ms($10))"
};

void store_order_insert(struct ctx *ctx, const struct order *order)
{
    const char *metadata = order->metadata_json != NULL ? order->metadata_json : "{}";
    struct pg_args args = { 0 };

    pg_text(&args, order->id.text);                     /* $1 */
    pg_text(&args, order->owner_id);                    /* $2 */
    pg_i64(&args, order->amount.minor);                 /* $3 */
    pg_text(&args, order->amount.currency);             /* $4 */
    pg_text(&args, order_status_name(order->status));   /* $5 */
    pg_text(&args, order->description);                 /* $6 */
    pg_text(&args, order->customer_email);              /* $7 */
    pg_text(&args, metadata);                           /* $8 */
    pg_i64(&args, order->created_at_ms);                /* $9 */
    pg_i64(&args, order->updated_at_ms);                /* $10 */
    pg_queue_one(ctx, &order_insert, &args, NULL);
}

static const struct pg_statement order_set_status = {
    .name = "order_set_status",
    .sql =
        "WITH labelled AS ("
        "   UPDATE orders"
        "   SET status = $2, updated_at = at_ms($3)"
        "   WHERE order_id = $1"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM labelled"
};

void store_order_set_status(struct ctx *ctx, struct order_id id, enum order_status status)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);                            /* $1 */
    pg_text(&args, order_status_name(status));          /* $2 */
    pg_i64(&args, ctx->now_ms);                         /* $3 */
    pg_queue_one(ctx, &order_set_status, &args, NULL);
}

static const struct pg_statement order_set_owner = {
    .name = "order_set_owner",
    .sql =
        "WITH given AS ("
        "   UPDATE orders"
        "   SET owner_id = $2, updated_at = at_ms($3)"
        "   WHERE order_id = $1"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM given"
};

void store_order_set_owner(struct ctx *ctx, struct order_id id, const char *owner_id)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);                            /* $1 */
    pg_text(&args, owner_id);                           /* $2 */
    pg_i64(&args, ctx->now_ms);                         /* $3 */
    pg_queue_one(ctx, &order_set_owner, &args, NULL);
}

static const struct pg_statement order_find = {
    .name = "order_find",
    .sql =
        "SELECT" ORDER_COLUMNS
        " FROM orders AS o"
        " WHERE o.order_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
};

const struct problem *store_order_find(struct ctx *ctx, struct order_id id, const char *owner,
                                       struct order *order_out, bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id.text);                            /* $1 */
    pg_text(&args, owner);                              /* $2 */
    pg_queue_optional(ctx, &order_find, &args, &rows);
    TRY(pg_wait(ctx));
    *found_out = rows.count == 1;
    if (*found_out)
        *order_out = row_order(pg_row_at(&rows, 0));
    return OK;
}

/* --- Lists: each of the four is one walk along one index ------------------------------------ */

#define NEWEST_FIRST " ORDER BY o.created_at DESC, o.order_id DESC"
#define AFTER_EVERYTHING_MS INT64_C(253402300799000)    /* the year 9999 */

static const struct pg_statement orders_after = {
    .name = "orders_after",
    .sql =
        "SELECT" ORDER_COLUMNS
        " FROM orders AS o"
        " WHERE (o.created_at, o.order_id) < (at_ms($2), $3)"
        NEWEST_FIRST
        " LIMIT $1"
};

static const struct pg_statement orders_after_of_owner = {
    .name = "orders_after_of_owner",
    .sql =
        "SELECT" ORDER_COLUMNS
        " FROM orders AS o"
        " WHERE o.owner_id = $4"
        "   AND (o.created_at, o.order_id) < (at_ms($2), $3)"
        NEWEST_FIRST
        " LIMIT $1"
};

/* Selects one row more than asked for: it shows whether there is a next page. */
static void queue_after(struct ctx *ctx, const struct order_page_query *query,
                        struct pg_rows *rows_out)
{
    bool from_newest = query->after_id == NULL;
    struct pg_args args = { 0 };

    pg_i64(&args, query->limit + 1);                                                /* $1 */
    pg_i64(&args, from_newest ? AFTER_EVERYTHING_MS : query->after_created_at_ms);  /* $2 */
    pg_text(&args, from_newest ? "" : query->after_id);                             /* $3 */
    if (query->owner != NULL)
        pg_text(&args, query->owner);                                               /* $4 */
    pg_queue_many(ctx, query->owner != NULL ? &orders_after_of_owner : &orders_after, &args,
                  rows_out);
}

static const struct pg_statement orders_page = {
    .name = "orders_page",
    .sql =
        "SELECT" ORDER_COLUMNS
        " FROM orders AS o"
        NEWEST_FIRST
        " LIMIT $1 OFFSET $2"
};

static const struct pg_statement orders_page_of_owner = {
    .name = "orders_page_of_owner",
    .sql =
        "SELECT" ORDER_COLUMNS
        " FROM orders AS o"
        " WHERE o.owner_id = $3"
        NEWEST_FIRST
        " LIMIT $1 OFFSET $2"
};

static void queue_page(struct ctx *ctx, const struct order_page_query *query,
                       struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    pg_i64(&args, query->limit);                                    /* $1 */
    pg_i64(&args, (query->page - 1) * query->limit);                /* $2 */
    if (query->owner != NULL)
        pg_text(&args, query->owner);                               /* $3 */
    pg_queue_many(ctx, query->owner != NULL ? &orders_page_of_owner : &orders_page, &args,
                  rows_out);
}

static const struct pg_statement orders_count = {
    .name = "orders_count",
    .sql =
        "SELECT count(*) AS total"
        " FROM orders"
};

static const struct pg_statement orders_count_of_owner = {
    .name = "orders_count_of_owner",
    .sql =
        "SELECT count(*) AS total"
        " FROM orders"
        " WHERE owner_id = $1"
};

static void queue_count(struct ctx *ctx, const char *owner, struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    if (owner != NULL)
        pg_text(&args, owner);                                      /* $1 */
    pg_queue_one(ctx, owner != NULL ? &orders_count_of_owner : &orders_count, &args, rows_out);
}

static void read_page(struct ctx *ctx, const struct order_page_query *query,
                      const struct pg_rows *rows, struct order_page *page_out)
{
    page_out->more = rows->count > query->limit;
    page_out->count = page_out->more ? query->limit : rows->count;
    page_out->orders = arena_alloc(ctx->arena, (size_t) rows->count * sizeof(struct order));
    for (int i = 0; i < page_out->count; i++)
        page_out->orders[i] = row_order(pg_row_at(rows, i));
}

const struct problem *store_orders_list(struct ctx *ctx, const struct order_page_query *query,
                                        struct order_page *page_out)
{
    struct pg_rows rows;
    struct pg_rows count = { NULL, 0 };

    if (query->page > 0) {
        queue_page(ctx, query, &rows);
        queue_count(ctx, query->owner, &count);
    } else {
        queue_after(ctx, query, &rows);
    }
    TRY(pg_wait(ctx));
    read_page(ctx, query, &rows, page_out);
    page_out->total = query->page > 0 ? pg_row_i64(pg_row_at(&count, 0), "total") : 0;
    return OK;
}

const struct pg_statement *const order_statements[] = {
    &order_insert, &order_set_status, &order_set_owner, &order_find,
    &orders_after, &orders_after_of_owner, &orders_page, &orders_page_of_owner,
    &orders_count, &orders_count_of_owner, NULL
};
