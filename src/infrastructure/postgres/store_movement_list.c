/* Movements of money, the rows of the ledger: listed, newest first. */
#include "application/store/store_movement_list.h"

#include "infrastructure/postgres/pg/statements.h"

/*
 * PostgreSQL plans these statements for each call (transaction_plan_anew), so filters whose
 * argument is NULL cost nothing, and the others find their index. The id sorts by time, so times
 * bound the id too.
 */
#define TRANSACTION_COLUMNS \
    " t.transaction_id, t.payment_id, t.order_id, t.kind, t.amount_minor, t.currency," \
    " t.provider, t.provider_ref, ms(t.occurred_at) AS occurred_at_ms," \
    " ms(t.recorded_at) AS recorded_at_ms, t.trace_id," \
    " c.fee_minor IS NOT NULL AS fee_told, c.fee_minor," \
    " c.net_minor IS NOT NULL AS net_told, c.net_minor," \
    " c.settled_currency"
#define TRANSACTION_FILTER \
    "     ($1::text IS NULL OR t.payment_id = $1)" \
    " AND ($2::text IS NULL OR t.order_id = $2)" \
    " AND ($3::text IS NULL OR t.kind = $3)" \
    " AND ($4::text IS NULL OR t.provider = $4)" \
    " AND ($5::text IS NULL OR t.currency = $5)" \
    " AND ($6::text IS NULL OR t.transaction_id >= $6)" \
    " AND ($7::text IS NULL OR t.transaction_id < $7)" \
    " AND ($8::bigint IS NULL OR t.recorded_at >= at_ms($8))" \
    " AND ($9::bigint IS NULL OR t.recorded_at < at_ms($9))"

static const struct pg_statement transactions_after = {
    .name = "transactions_after",
    .sql =
        "SELECT" TRANSACTION_COLUMNS
        " FROM transactions AS t LEFT JOIN ledger_confirmations AS c USING (transaction_id)"
        " WHERE" TRANSACTION_FILTER
        "   AND ($11::text IS NULL OR t.transaction_id < $11)"
        " ORDER BY t.transaction_id DESC"
        " LIMIT $10"
};

static const struct pg_statement transactions_page = {
    .name = "transactions_page",
    .sql =
        "SELECT" TRANSACTION_COLUMNS
        " FROM transactions AS t LEFT JOIN ledger_confirmations AS c USING (transaction_id)"
        " WHERE" TRANSACTION_FILTER
        " ORDER BY t.transaction_id DESC"
        " LIMIT $10 OFFSET $11"
};

static const struct pg_statement transactions_count = {
    .name = "transactions_count",
    .sql =
        "SELECT count(*) AS total"
        " FROM transactions AS t"
        " WHERE" TRANSACTION_FILTER
};

/* The smallest id that a movement of this moment can have; an id is made at its occurred_at. */
static void time_bound(struct ctx *ctx, struct pg_args *args, int64_t at_ms)
{
    static const unsigned char least[ID_RANDOM_BYTES];
    char *id = arena_alloc(ctx->arena, ID_TEXT_MAX);

    if (at_ms != 0)
        id_print("txn", at_ms, least, id);
    pg_text_or_null(args, id);
}

/* Fills in args in place: values points to number texts inside it, so it must not be copied. */
static void add_filter(struct ctx *ctx, struct pg_args *args,
                       const struct transaction_filter *filter)
{
    pg_text(args, filter->payment_id);                     /* $1 */
    pg_text(args, filter->order_id);                       /* $2 */
    pg_text(args, filter->kind);                           /* $3 */
    pg_text(args, filter->provider);                       /* $4 */
    pg_text(args, filter->currency);                       /* $5 */
    time_bound(ctx, args, filter->from_ms);                /* $6 */
    time_bound(ctx, args, filter->to_ms);                  /* $7 */
    pg_i64_or_null(args, filter->recorded_from_ms);        /* $8 */
    pg_i64_or_null(args, filter->recorded_to_ms);          /* $9 */
}

/* Selects one row more than asked for: it shows whether there is a next page. */
static void queue_after(struct ctx *ctx, const struct transaction_query *query,
                        struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    add_filter(ctx, &args, &query->filter);
    pg_i64(&args, query->limit + 1);                        /* $10 */
    pg_text(&args, query->after_id);                        /* $11 */
    pg_queue_many(ctx, &transactions_after, &args, rows_out);
}

static void queue_page(struct ctx *ctx, const struct transaction_query *query,
                       struct pg_rows *rows_out, struct pg_rows *count_out)
{
    struct pg_args args = { 0 };

    add_filter(ctx, &args, &query->filter);
    pg_queue_one(ctx, &transactions_count, &args, count_out);
    pg_i64(&args, query->limit);                            /* $10 */
    pg_i64(&args, (query->page - 1) * query->limit);        /* $11 */
    pg_queue_many(ctx, &transactions_page, &args, rows_out);
}

#define COPY(row, column, array) pg_row_copy((row), (column), (array), sizeof(array))

static struct transaction row_transaction(struct pg_row row)
{
    struct transaction transaction = {
        .amount = { .minor = pg_row_i64(row, "amount_minor") },
        .occurred_at_ms = pg_row_i64(row, "occurred_at_ms"),
        .recorded_at_ms = pg_row_i64(row, "recorded_at_ms"),
        .fee_told = pg_row_bool(row, "fee_told"),
        .fee.minor = pg_row_i64(row, "fee_minor"),
        .net_told = pg_row_bool(row, "net_told"),
        .net.minor = pg_row_i64(row, "net_minor"),
    };

    COPY(row, "transaction_id", transaction.id);
    COPY(row, "payment_id", transaction.payment_id.text);
    COPY(row, "order_id", transaction.order_id.text);
    COPY(row, "kind", transaction.kind);
    COPY(row, "currency", transaction.amount.currency);
    COPY(row, "provider", transaction.provider);
    COPY(row, "provider_ref", transaction.provider_ref);
    COPY(row, "trace_id", transaction.trace_id);
    COPY(row, "settled_currency", transaction.fee.currency);
    COPY(row, "settled_currency", transaction.net.currency);
    return transaction;
}

static void read_page(struct ctx *ctx, int limit, const struct pg_rows *rows,
                      struct transaction_page *page_out)
{
    page_out->more = rows->count > limit;
    page_out->count = page_out->more ? limit : rows->count;
    page_out->transactions = arena_alloc(ctx->arena, (size_t) page_out->count
                                                     * sizeof(struct transaction));
    for (int i = 0; i < page_out->count; i++)
        page_out->transactions[i] = row_transaction(pg_row_at(rows, i));
}

const struct problem *store_movements_list(struct ctx *ctx,
                                           const struct transaction_query *query,
                                           struct transaction_page *page_out)
{
    struct pg_rows rows;
    struct pg_rows count = { NULL, 0 };

    transaction_plan_anew(ctx);
    if (query->page > 0)
        queue_page(ctx, query, &rows, &count);
    else
        queue_after(ctx, query, &rows);
    TRY(pg_wait(ctx));
    read_page(ctx, query->limit, &rows, page_out);
    page_out->total = query->page > 0 ? pg_row_i64(pg_row_at(&count, 0), "total") : 0;
    return OK;
}

const struct pg_statement *const movement_list_statements[] = {
    &transactions_after, &transactions_page, &transactions_count, NULL
};
