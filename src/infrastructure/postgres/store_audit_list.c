/* The audit log: listed, newest first along (at_us, audit_id), or the index of its filter. */
#include "application/store/store_audit_list.h"

#include <inttypes.h>

#include "audit_rows.h"
#include "listing.h"

enum { BY_PAYMENT, BY_ORDER, BY_ACTOR, BY_ACTION, FILTERS };

/* Each payment has all of them: they are found at once along the list. */
static const char *const common_actions[] = { "order.created", "payment.created", "status", NULL };

/* A payment has few rows, and their index has another order (number_given_once). */
static const struct listing_filter filters[FILTERS] = {
    [BY_PAYMENT] = { "a.payment_id", "= ?", .words = NULL },
    [BY_ORDER]   = { "a.order_id",   "= ?", .has_index = true },
    [BY_ACTOR]   = { "a.actor",      "= ?", .has_index = true },
    [BY_ACTION]  = { "a.action",     "= ?", .has_index = true, .common = common_actions },
};

struct listing audit_listing = {
    .name = "audit",
    .select = "SELECT" AUDIT_COLUMNS " FROM audit_log AS a WHERE",
    .table = "a",
    .keys = { "a.at_us", "a.audit_id" },
    .limit = "LIMIT $1",
    .limit_arguments = 1,
    .rows_max = AUDIT_LIST_MAX + 1,
    .filters = filters,
    .filter_count = FILTERS,
};

static const char *number_text(struct ctx *ctx, int64_t number)
{
    return arena_printf(ctx->arena, "%" PRId64, number);
}

/* Before to_ms, and before the place. Ids are numbered from 1 on, so (time, 0) is before a time. */
static struct listing_span span_of(struct ctx *ctx, const struct audit_query *query)
{
    int64_t below_us = query->to_ms != 0 ? query->to_ms * 1000 : INT64_MAX;
    int64_t below_id = 0;

    if (query->after_at_us != 0 && query->after_at_us < below_us) {
        below_us = query->after_at_us;
        below_id = query->after_id;
    }
    return (struct listing_span) {
        .from = number_text(ctx, query->from_ms * 1000),
        .below = { number_text(ctx, below_us), number_text(ctx, below_id) },
    };
}

const struct problem *store_audit_list(struct ctx *ctx, const struct audit_query *query,
                                       struct audit_page *page_out)
{
    const char *const values[FILTERS] = {
        [BY_PAYMENT] = query->payment_id,
        [BY_ORDER] = query->order_id,
        [BY_ACTOR] = query->actor,
        [BY_ACTION] = query->action,
    };
    struct listing_span span = span_of(ctx, query);
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, query->limit + 1);                        /* $1 */
    listing_queue(ctx, &audit_listing, &span, values, &args, &rows);
    TRY(pg_wait(ctx));
    page_out->more = rows.count > query->limit;
    page_out->count = page_out->more ? query->limit : rows.count;
    page_out->entries = row_audit_entries(ctx, &rows, page_out->count);
    return OK;
}
