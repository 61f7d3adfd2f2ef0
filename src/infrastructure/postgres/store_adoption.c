/* A payment that only the provider knows, inserted with its order. */
#include "application/store/store_adoption.h"

#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

/*
 * ON CONFLICT names no target: a rival's row may first conflict in the index that payments refer
 * to, and a target would not cover that.
 */
static const struct pg_statement order_adopt = {
    .name = "order_adopt",
    .sql =
        "INSERT INTO orders"
        "   (order_id, owner_id, amount_minor, currency, created_at, updated_at)"
        " VALUES"
        "   ($1, $2, $3, $4, at_ms($5), at_ms($6))"
        " ON CONFLICT DO NOTHING"
        " RETURNING order_id"
};

/* Runs before the order's payments are looked at: a checkout takes this lock too. */
static const struct pg_statement order_adopt_lock = {
    .name = "order_adopt_lock",
    .sql = "SELECT order_id FROM orders WHERE order_id = $1 FOR NO KEY UPDATE"
};

/* Index one_live_payment: an order has one payment that can take its money. */
static const struct pg_statement payment_adopt = {
    .name = "payment_adopt",
    .sql =
        "INSERT INTO payments"
        "   (payment_id, order_id, amount_minor, currency, provider,"
        "    expires_at, created_at, updated_at, authored, close_reason, status)"
        " SELECT $1, o.order_id, o.amount_minor, o.currency, $5,"
        "    at_ms($6), at_ms($7), at_ms($8), true,"
        "    CASE WHEN held.held THEN 'failed' ELSE 'open' END,"
        "    CASE WHEN held.held THEN 'failed' ELSE 'pending' END"
        " FROM orders AS o CROSS JOIN LATERAL ("
        "    SELECT EXISTS (SELECT FROM payments AS p"
        "                   WHERE p.order_id = o.order_id AND NOT p.surplus"
        "                     AND (p.provider_open OR p.captured_minor > 0)) AS held) AS held"
        " WHERE o.order_id = $2 AND o.amount_minor = $3 AND o.currency = $4"
        " ON CONFLICT (payment_id) DO NOTHING"
        " RETURNING payment_id"
};

static void queue_order(struct ctx *ctx, const struct order *order, struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };
    struct pg_args lock = { 0 };

    pg_text(&args, order->id.text);                     /* $1 */
    pg_text(&args, order->owner_id);                    /* $2 */
    pg_i64(&args, order->amount.minor);                 /* $3 */
    pg_text(&args, order->amount.currency);             /* $4 */
    pg_i64(&args, order->created_at_ms);                /* $5 */
    pg_i64(&args, order->updated_at_ms);                /* $6 */
    pg_queue_optional(ctx, &order_adopt, &args, rows_out);
    pg_text(&lock, order->id.text);                     /* $1 */
    pg_queue_optional(ctx, &order_adopt_lock, &lock, NULL);
}

static void queue_payment(struct ctx *ctx, const struct payment *payment, struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    pg_text(&args, payment->id.text);                   /* $1 */
    pg_text(&args, payment->order_id.text);             /* $2 */
    pg_i64(&args, payment->amount.minor);               /* $3 */
    pg_text(&args, payment->amount.currency);           /* $4 */
    pg_text(&args, payment->provider);                  /* $5 */
    pg_i64(&args, payment->expires_at_ms);              /* $6 */
    pg_i64(&args, payment->created_at_ms);              /* $7 */
    pg_i64(&args, payment->updated_at_ms);              /* $8 */
    pg_queue_optional(ctx, &payment_adopt, &args, rows_out);
}

/* One round trip. Rivals wait for the order's key and then find its rows already there. */
const struct problem *store_adopt(struct ctx *ctx, const struct order *order,
                                  const struct payment *payment, struct adopted_lock *lock_out)
{
    struct pg_rows order_made;
    struct pg_rows payment_made;
    struct adopted_lock lock;

    queue_order(ctx, order, &order_made);
    queue_payment(ctx, payment, &payment_made);
    TRY(store_payment_lock(ctx, payment->id, &lock.payment));
    lock.order_fresh = order_made.count == 1;
    lock.payment_fresh = payment_made.count == 1;
    *lock_out = lock;
    return OK;
}

const struct pg_statement *const adoption_statements[] = {
    &order_adopt, &order_adopt_lock, &payment_adopt, NULL
};
