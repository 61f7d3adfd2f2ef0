/* What a checkout peeks at: key, order, live payment and open call in one statement. */
#include "application/store/store_checkout.h"

#include "application/store/store_keys.h"
#include "claim_rows.h"
#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

/* As in the index one_live_payment: an order has at most one. */
#define IS_LIVE "(p.provider_open OR p.captured_minor > 0) AND NOT p.surplus"

static const struct pg_statement checkout_peek = {
    .name = "checkout_peek",
    .sql =
        "SELECT" KEY_COLUMNS ","
        " o.xmin AS order_version," ORDER_COLUMNS ","
        " p.xmin AS payment_version," PAYMENT_COLUMNS ","
        " c.call_id IS NOT NULL AS call_found," CALL_COLUMNS
        FROM_KEY
        "   LEFT JOIN orders AS o"
        "     ON o.order_id = $5 AND ($6::text IS NULL OR o.owner_id = $6)"
        "   LEFT JOIN payments AS p ON p.order_id = o.order_id AND " IS_LIVE
        "   LEFT JOIN LATERAL"
        "     (SELECT * FROM provider_calls AS c"
        "      WHERE c.payment_id = p.payment_id"
        "        AND c.operation = 'checkout' AND c.finished_at IS NULL"
        "      ORDER BY c.started_at DESC"
        "      LIMIT 1) AS c ON true"
};

static void read_order(struct pg_row row, struct checkout_peek *peek)
{
    peek->seen.order_version = pg_row_i64(row, "order_version");
    peek->order_found = peek->seen.order_version != 0;
    if (!peek->order_found)
        return;
    peek->order = row_order(row);
    peek->seen.order_id = peek->order.id;
}

static void read_payment(struct pg_row row, struct checkout_peek *peek)
{
    peek->seen.payment_version = pg_row_i64(row, "payment_version");
    peek->payment_found = peek->seen.payment_version != 0;
    if (!peek->payment_found)
        return;
    peek->payment = row_payment(row);
    peek->seen.payment_id = peek->payment.id;
}

static void read_call(struct pg_row row, struct checkout_peek *peek)
{
    peek->call_found = pg_row_bool(row, "call_found");
    if (peek->call_found)
        peek->call = row_call(row);
}

const struct problem *store_checkout_peek(struct ctx *ctx, const struct idempotency_key *key,
                                          struct order_id order_id, const char *owner,
                                          struct checkout_peek *peek_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    struct pg_row row;

    claim_args(ctx, &args, key);                        /* $1 to $4 */
    pg_text(&args, order_id.text);                      /* $5 */
    pg_text(&args, owner);                              /* $6 */
    pg_queue_peek(ctx, &checkout_peek, &args, &rows);
    TRY(pg_wait(ctx));
    row = pg_row_at(&rows, 0);
    *peek_out = (struct checkout_peek) {
        .claim = claim_of(key, pg_row_part(row, "key_version", "order_version")),
    };
    read_order(pg_row_part(row, "order_version", "payment_version"), peek_out);
    read_payment(pg_row_part(row, "payment_version", "call_found"), peek_out);
    read_call(pg_row_part(row, "call_found", NULL), peek_out);
    return OK;
}

/* --- Locked ---------------------------------------------------------------------------------- */

static const struct pg_statement order_lock = {
    .name = "order_lock",
    .sql =
        "SELECT" ORDER_COLUMNS
        " FROM orders AS o"
        " WHERE o.order_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        " FOR NO KEY UPDATE"
};

static const struct pg_statement order_lock_payment = {
    .name = "order_lock_payment",
    .sql =
        "SELECT" PAYMENT_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.order_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        "   AND " IS_LIVE
        " FOR NO KEY UPDATE OF p"
};

static void queue_locks(struct ctx *ctx, struct order_id order_id, const char *owner,
                        struct pg_rows *order_out, struct pg_rows *payment_out)
{
    struct pg_args args = { 0 };

    pg_text(&args, order_id.text);                      /* $1 */
    pg_text(&args, owner);                              /* $2 */
    pg_queue_optional(ctx, &order_lock, &args, order_out);
    pg_queue_optional(ctx, &order_lock_payment, &args, payment_out);
}

void store_checkout_queue_up(struct ctx *ctx, const struct idempotency_key *key,
                             struct order_id order_id, const char *owner)
{
    if (key != NULL)
        store_key_queue_up(ctx, key);
    queue_locks(ctx, order_id, owner, NULL, NULL);
}

const struct problem *store_order_lock(struct ctx *ctx, struct order_id order_id,
                                       struct order_lock *lock_out)
{
    struct pg_rows order, payment;

    queue_locks(ctx, order_id, NULL, &order, &payment);
    TRY(pg_wait(ctx));
    *lock_out = (struct order_lock) { .found = order.count == 1,
                                      .payment_found = payment.count == 1 };
    if (lock_out->found)
        lock_out->order = row_order(pg_row_at(&order, 0));
    if (lock_out->payment_found)
        lock_out->payment = row_payment(pg_row_at(&payment, 0));
    return OK;
}

const struct pg_statement *const checkout_statements[] = {
    &checkout_peek, &order_lock, &order_lock_payment, NULL
};
