/* Payments listed for operators, newest first. */
#include "application/store/store_payment_list.h"

#include "listing.h"
#include "rows.h"

enum { BY_REVIEW, BY_STATUS, BY_PROVIDER, FILTERS };

static const char *const review_words[] = { "true", "false", NULL };

/* What most payments become. */
static const char *const common_statuses[] = { "completed", NULL };

static const struct listing_filter filters[FILTERS] = {
    [BY_REVIEW]   = { "p.needs_review", "= ?", .words = review_words },
    [BY_STATUS]   = { "p.status",       "= ?", .has_index = true, .common = common_statuses },
    [BY_PROVIDER] = { "p.provider",     "= ?", .words = listing_providers },
};

struct listing payment_listing = {
    .name = "payments",
    .select =
        "SELECT" PAYMENT_COLUMNS
        " FROM payments AS p"
        "   JOIN LATERAL (SELECT owner_id FROM orders WHERE order_id = p.order_id LIMIT 1) AS o"
        "   ON true"
        " WHERE NOT (p.not_begun AND p.captured_minor = 0) AND",
    .table = "p",
    .keys = { "p.payment_id" },
    .limit = "LIMIT $1",
    .limit_arguments = 1,
    .rows_max = PAYMENT_LIST_MAX + 1,
    .filters = filters,
    .filter_count = FILTERS,
};

static const char *wanted_word(enum wanted wanted)
{
    switch (wanted) {
    case WANTED_ANY: return NULL;
    case WANTED_YES: return "true";
    case WANTED_NO:  return "false";
    }
    return NULL;
}

const struct problem *store_payments_list(struct ctx *ctx, const struct payment_query *query,
                                          struct payment_page *page_out)
{
    const char *const values[FILTERS] = {
        [BY_REVIEW] = wanted_word(query->needs_review),
        [BY_STATUS] = query->status,
        [BY_PROVIDER] = query->provider,
    };
    struct listing_span span = listing_span_of_ids(ctx, "pay", 0, 0, query->after_id);
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, query->limit + 1);                        /* $1 */
    listing_queue(ctx, &payment_listing, &span, values, &args, &rows);
    TRY(pg_wait(ctx));
    page_out->more = rows.count > query->limit;
    page_out->count = page_out->more ? query->limit : rows.count;
    page_out->payments = arena_alloc(ctx->arena, (size_t) page_out->count
                                                 * sizeof(struct payment));
    for (int i = 0; i < page_out->count; i++)
        page_out->payments[i] = row_payment(pg_row_at(&rows, i));
    return OK;
}
