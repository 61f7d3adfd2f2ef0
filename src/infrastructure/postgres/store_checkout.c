/* The first read of a checkout: key, order, live payment and open call in one round trip. */
#include "application/store/store_checkout.h"

#include "claim_rows.h"
#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

static const struct pg_statement checkout_lock_order = {
    .name = "checkout_lock_order",
    .sql =
        "SELECT" ORDER_COLUMNS
        " FROM orders AS o"
        " WHERE o.order_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        " FOR NO KEY UPDATE"
};

/* At most one: index one_live_payment. */
static const struct pg_statement checkout_lock_payment = {
    .name = "checkout_lock_payment",
    .sql =
        "SELECT" PAYMENT_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.order_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        "   AND (p.provider_open OR p.captured_minor > 0) AND NOT p.surplus"
        " FOR NO KEY UPDATE OF p"
};

static const struct pg_statement checkout_call = {
    .name = "checkout_call",
    .sql =
        "SELECT" CALL_COLUMNS
        " FROM provider_calls AS c JOIN payments AS p USING (payment_id)"
        "   JOIN orders AS o USING (order_id)"
        " WHERE p.order_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        "   AND (p.provider_open OR p.captured_minor > 0) AND NOT p.surplus"
        "   AND c.operation = 'checkout' AND c.finished_at IS NULL"
        " ORDER BY c.started_at DESC"
        " LIMIT 1"
};

struct checkout_rows {
    struct claim_rows claim;
    struct pg_rows    order;
    struct pg_rows    payment;
    struct pg_rows    call;
};

static void queue_locks(struct ctx *ctx, struct order_id order_id, const char *owner,
                        struct checkout_rows *rows_out)
{
    struct pg_args args = { 0 };

    pg_text(&args, order_id.text);                      /* $1 */
    pg_text(&args, owner);                              /* $2 */
    pg_queue_optional(ctx, &checkout_lock_order, &args, &rows_out->order);
    pg_queue_optional(ctx, &checkout_lock_payment, &args, &rows_out->payment);
    pg_queue_optional(ctx, &checkout_call, &args, &rows_out->call);
}

static struct checkout_lock read_locks(const struct checkout_rows *rows)
{
    struct checkout_lock lock = {
        .claim = { .state = CLAIM_MINE },
        .order_found = rows->order.count == 1,
        .payment_found = rows->payment.count == 1,
        .call_found = rows->call.count == 1,
    };

    if (lock.order_found)
        lock.order = row_order(pg_row_at(&rows->order, 0));
    if (lock.payment_found)
        lock.payment = row_payment(pg_row_at(&rows->payment, 0));
    if (lock.call_found)
        lock.call = row_call(pg_row_at(&rows->call, 0));
    return lock;
}

/*
 * One round trip. A rival of the same order or key makes us wait here, before anything is decided.
 */
const struct problem *store_checkout_lock(struct ctx *ctx, const struct idempotency_key *key,
                                          struct order_id order_id, const char *owner,
                                          struct checkout_lock *lock_out)
{
    struct checkout_rows rows;

    if (key != NULL)
        claim_queue(ctx, key, &rows.claim);
    queue_locks(ctx, order_id, owner, &rows);
    TRY(pg_wait(ctx));
    *lock_out = read_locks(&rows);
    if (key != NULL)
        lock_out->claim = claim_read(key, &rows.claim);
    return OK;
}

const struct pg_statement *const checkout_statements[] = {
    &checkout_lock_order, &checkout_lock_payment, &checkout_call, NULL
};
