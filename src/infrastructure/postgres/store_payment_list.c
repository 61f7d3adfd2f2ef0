/* Payments listed for operators, newest first. */
#include "application/store/store_payment_list.h"

#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

/* Planned for each call: filters whose argument is NULL cost nothing (store_movements.c). */
static const struct pg_statement payments_after = {
    .name = "payments_after",
    .sql =
        "SELECT" PAYMENT_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE ($1::boolean IS NULL OR p.needs_review = $1)"
        "   AND ($2::text IS NULL OR p.status = $2)"
        "   AND ($3::text IS NULL OR p.provider = $3)"
        "   AND ($4::text IS NULL OR p.payment_id < $4)"
        "   AND NOT (p.not_begun AND p.captured_minor = 0)"
        " ORDER BY p.payment_id DESC"
        " LIMIT $5"
};

static void pg_wanted(struct pg_args *args, enum wanted wanted)
{
    if (wanted == WANTED_ANY)
        pg_text(args, NULL);
    else
        pg_bool(args, wanted == WANTED_YES);
}

const struct problem *store_payments_list(struct ctx *ctx, const struct payment_query *query,
                                          struct payment_page *page_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_wanted(&args, query->needs_review);                  /* $1 */
    pg_text(&args, query->status);                          /* $2 */
    pg_text(&args, query->provider);                        /* $3 */
    pg_text(&args, query->after_id);                        /* $4 */
    pg_i64(&args, query->limit + 1);                        /* $5 */
    transaction_plan_anew(ctx);
    pg_queue_many(ctx, &payments_after, &args, &rows);
    TRY(pg_wait(ctx));
    page_out->more = rows.count > query->limit;
    page_out->count = page_out->more ? query->limit : rows.count;
    page_out->payments = arena_alloc(ctx->arena, (size_t) page_out->count
                                                 * sizeof(struct payment));
    for (int i = 0; i < page_out->count; i++)
        page_out->payments[i] = row_payment(pg_row_at(&rows, i));
    return OK;
}

const struct pg_statement *const payment_list_statements[] = { &payments_after, NULL };
