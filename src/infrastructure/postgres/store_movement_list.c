/* Movements of money, the rows of the ledger: listed, newest first. */
#include "application/store/store_movement_list.h"

#include <inttypes.h>

#include "listing.h"

enum {
    BY_PAYMENT, BY_ORDER, BY_KIND, BY_CURRENCY, BY_PROVIDER, BY_RECORDED_FROM, BY_RECORDED_TO,
    FILTERS
};

/* Whatever else moves was charged first. */
static const char *const common_kinds[] = { "charge", NULL };

/*
 * Whether the rows recorded in a span are better looked for by their index or along the list
 * depends on how many they are.
 */
static const struct listing_filter filters[FILTERS] = {
    [BY_PAYMENT]       = { "t.payment_id",  "= ?",         .has_index = true },
    [BY_ORDER]         = { "t.order_id",    "= ?",         .has_index = true },
    [BY_KIND]          = { "t.kind",        "= ?",         .has_index = true,
                           .common = common_kinds },
    [BY_CURRENCY]      = { "t.currency",    "= ?",         .has_index = true },
    [BY_PROVIDER]      = { "t.provider",    "= ?",         .words = listing_providers },
    [BY_RECORDED_FROM] = { "t.recorded_at", ">= at_ms(?)", .planned_anew = true },
    [BY_RECORDED_TO]   = { "t.recorded_at", "< at_ms(?)",  .planned_anew = true },
};

#define TRANSACTIONS_SELECT \
    "SELECT" \
    " t.transaction_id, t.payment_id, t.order_id, t.kind, t.amount_minor, t.currency," \
    " t.provider, t.provider_ref, ms(t.occurred_at) AS occurred_at_ms," \
    " ms(t.recorded_at) AS recorded_at_ms, t.trace_id," \
    " c.fee_minor IS NOT NULL AS fee_told, c.fee_minor," \
    " c.net_minor IS NOT NULL AS net_told, c.net_minor," \
    " c.settled_currency" \
    " FROM transactions AS t" \
    "   LEFT JOIN LATERAL (SELECT fee_minor, net_minor, settled_currency" \
    "                      FROM ledger_confirmations" \
    "                      WHERE transaction_id = t.transaction_id LIMIT 1) AS c ON true" \
    " WHERE"

#define TRANSACTIONS(its_name, its_select, its_limit, its_arguments) { \
    .name = (its_name), \
    .select = its_select, \
    .table = "t", \
    .keys = { "t.transaction_id" }, \
    .limit = (its_limit), \
    .limit_arguments = (its_arguments), \
    .rows_max = MOVEMENT_BATCH + 1, \
    .filters = filters, \
    .filter_count = FILTERS, \
}

struct listing movement_listing =
    TRANSACTIONS("transactions", TRANSACTIONS_SELECT, "LIMIT $1", 1);
struct listing movement_page_listing =
    TRANSACTIONS("transactions_page", TRANSACTIONS_SELECT, "LIMIT $1 OFFSET $2", 2);
struct listing movement_count_listing =
    TRANSACTIONS("transactions_count",
                 "SELECT count(*) AS total FROM transactions AS t WHERE", NULL, 0);

/* What a query asks for, as the listings take it. */
struct asked {
    const char         *values[FILTERS];
    struct listing_span span;
};

static const char *time_text(struct ctx *ctx, int64_t at_ms)
{
    return at_ms != 0 ? arena_printf(ctx->arena, "%" PRId64, at_ms) : NULL;
}

/* The id of a movement is made at its occurred_at, so a span of those is one of ids. */
static struct asked asked_of(struct ctx *ctx, const struct transaction_query *query)
{
    const struct transaction_filter *filter = &query->filter;

    return (struct asked) {
        .values = {
            [BY_PAYMENT] = filter->payment_id,
            [BY_ORDER] = filter->order_id,
            [BY_KIND] = filter->kind,
            [BY_CURRENCY] = filter->currency,
            [BY_PROVIDER] = filter->provider,
            [BY_RECORDED_FROM] = time_text(ctx, filter->recorded_from_ms),
            [BY_RECORDED_TO] = time_text(ctx, filter->recorded_to_ms),
        },
        .span = listing_span_of_ids(ctx, "txn", filter->from_ms, filter->to_ms, query->after_id),
    };
}

/* Selects one row more than asked for: it shows whether there is a next page. */
static void queue_after(struct ctx *ctx, const struct transaction_query *query,
                        struct pg_rows *rows_out)
{
    const struct asked asked = asked_of(ctx, query);
    struct pg_args args = { 0 };

    pg_i64(&args, query->limit + 1);                        /* $1 */
    listing_queue(ctx, &movement_listing, &asked.span, asked.values, &args, rows_out);
}

static void queue_page(struct ctx *ctx, const struct transaction_query *query,
                       struct pg_rows *rows_out, struct pg_rows *count_out)
{
    const struct asked asked = asked_of(ctx, query);
    struct pg_args count = { 0 };
    struct pg_args page = { 0 };

    listing_queue(ctx, &movement_count_listing, &asked.span, asked.values, &count, count_out);
    pg_i64(&page, query->limit);                            /* $1 */
    pg_i64(&page, (query->page - 1) * query->limit);        /* $2 */
    listing_queue(ctx, &movement_page_listing, &asked.span, asked.values, &page, rows_out);
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

    if (query->page > 0)
        queue_page(ctx, query, &rows, &count);
    else
        queue_after(ctx, query, &rows);
    TRY(pg_wait(ctx));
    read_page(ctx, query->limit, &rows, page_out);
    page_out->total = query->page > 0 ? pg_row_i64(pg_row_at(&count, 0), "total") : 0;
    return OK;
}
