/* The audit log: listed, newest first along (at_us, audit_id), or the index of its filter. */
#include "application/store/store_audit_list.h"

#include "audit_rows.h"
#include "infrastructure/postgres/pg/statements.h"

/* Planned for each call: filters whose argument is NULL cost nothing (store_movements.c). */
static const struct pg_statement audit_after = {
    .name = "audit_after",
    .sql =
        "SELECT" AUDIT_COLUMNS
        " FROM audit_log AS a"
        " WHERE ($1::text IS NULL OR a.order_id = $1)"
        "   AND ($2::text IS NULL OR a.payment_id = $2)"
        "   AND ($3::text IS NULL OR a.action = $3)"
        "   AND ($4::text IS NULL OR a.actor = $4)"
        "   AND ($5::bigint IS NULL OR a.at_us >= $5 * 1000)"
        "   AND ($6::bigint IS NULL OR a.at_us < $6 * 1000)"
        "   AND ($7::bigint IS NULL OR (a.at_us, a.audit_id) < ($7, $8::bigint))"
        " ORDER BY a.at_us DESC, a.audit_id DESC"
        " LIMIT $9"
};

const struct problem *store_audit_list(struct ctx *ctx, const struct audit_query *query,
                                       struct audit_page *page_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, query->order_id);                        /* $1 */
    pg_text(&args, query->payment_id);                      /* $2 */
    pg_text(&args, query->action);                          /* $3 */
    pg_text(&args, query->actor);                           /* $4 */
    pg_i64_or_null(&args, query->from_ms);                  /* $5 */
    pg_i64_or_null(&args, query->to_ms);                    /* $6 */
    pg_i64_or_null(&args, query->after_at_us);              /* $7 */
    pg_i64(&args, query->after_id);                         /* $8 */
    pg_i64(&args, query->limit + 1);                        /* $9 */
    transaction_plan_anew(ctx);
    pg_queue_many(ctx, &audit_after, &args, &rows);
    TRY(pg_wait(ctx));
    page_out->more = rows.count > query->limit;
    page_out->count = page_out->more ? query->limit : rows.count;
    page_out->entries = row_audit_entries(ctx, &rows, page_out->count);
    return OK;
}

const struct pg_statement *const audit_list_statements[] = { &audit_after, NULL };
