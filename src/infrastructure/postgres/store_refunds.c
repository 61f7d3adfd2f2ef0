/* Refunds: locked with their payment, inserted, updated and listed. */
#include "application/store/store_refunds.h"

#include "claim_rows.h"
#include "infrastructure/postgres/pg/statements.h"
#include "payment_locks.h"
#include "rows.h"

/* --- Locking, in the order: key, order, payment, refund -------------------------------------- */

/*
 * Rows of payment $1, only if the claim succeeded ($2 holder, $3 principal, $4 route, $5 key).
 * Without it we lock the key's row alone. Otherwise we would hold that row while waiting for the
 * payment, which the request that runs has locked, and that one needs the key in the end.
 */
#define WHEN_CLAIMED \
    " AND EXISTS (SELECT FROM idempotency_keys AS k" \
    "             WHERE k.principal = $3 AND k.route = $4 AND k.key = $5" \
    "               AND k.holder = $2 AND k.state = 'running')"

static const struct pg_statement refund_claim_order = {
    .name = "refund_claim_order",
    .sql =
        "SELECT FROM orders AS o"
        " WHERE o.order_id = (SELECT p.order_id FROM payments AS p WHERE p.payment_id = $1)"
        WHEN_CLAIMED
        " FOR NO KEY UPDATE"
};

static const struct pg_statement refund_claim_payment = {
    .name = "refund_claim_payment",
    .sql =
        "SELECT" PAYMENT_COLUMNS "," ORDER_STATE_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.payment_id = $1"
        WHEN_CLAIMED
        " FOR NO KEY UPDATE OF p"
};

static const struct pg_statement refund_claim_refund = {
    .name = "refund_claim_refund",
    .sql =
        "SELECT" REFUND_COLUMNS
        " FROM refunds AS r"
        " WHERE r.payment_id = $1 AND (r.client_key = $5 OR r.refund_id = $6)"
        WHEN_CLAIMED
        " FOR NO KEY UPDATE"
};

static const struct pg_statement refund_claim_call = {
    .name = "refund_claim_call",
    .sql =
        "SELECT" CALL_COLUMNS
        " FROM provider_calls AS c"
        " WHERE c.payment_id = $1"
        "   AND c.refund_id = (SELECT r.refund_id FROM refunds AS r"
        "                      WHERE r.payment_id = $1 AND (r.client_key = $5 OR r.refund_id = $6))"
        "   AND c.operation = 'refund' AND c.finished_at IS NULL"
        WHEN_CLAIMED
        " ORDER BY c.started_at DESC"
        " LIMIT 1"
};

struct refund_claim_rows {
    struct claim_rows claim;
    struct pg_rows    payment;
    struct pg_rows    refund;
    struct pg_rows    call;
};

static void queue_claim(struct ctx *ctx, const struct idempotency_key *key,
                        struct payment_id payment_id, struct refund_id refund_id,
                        struct refund_claim_rows *rows_out)
{
    struct pg_args args = { 0 };

    claim_queue(ctx, key, &rows_out->claim);
    pg_text(&args, payment_id.text);                        /* $1 */
    pg_text(&args, key->holder);                            /* $2 */
    pg_text(&args, key->principal);                         /* $3 */
    pg_text(&args, key->route);                             /* $4 */
    pg_text(&args, key->key);                               /* $5 */
    pg_queue_optional(ctx, &refund_claim_order, &args, NULL);
    pg_queue_optional(ctx, &refund_claim_payment, &args, &rows_out->payment);
    pg_text(&args, refund_id.text);                         /* $6 */
    pg_queue_optional(ctx, &refund_claim_refund, &args, &rows_out->refund);
    pg_queue_optional(ctx, &refund_claim_call, &args, &rows_out->call);
}

/* One round trip. A rival for the key or the payment makes us wait here, before any decision. */
const struct problem *store_refund_claim(struct ctx *ctx, const struct idempotency_key *key,
                                         struct payment_id payment_id, struct refund_id refund_id,
                                         struct refund_lock *lock_out)
{
    struct refund_claim_rows rows;

    queue_claim(ctx, key, payment_id, refund_id, &rows);
    TRY(pg_wait(ctx));
    *lock_out = (struct refund_lock) {
        .claim = claim_read(key, &rows.claim),
        .payment = row_payment_lock(&rows.payment),
        .refund_found = rows.refund.count == 1,
        .call_found = rows.call.count == 1,
    };
    if (lock_out->refund_found)
        lock_out->refund = row_refund(pg_row_at(&rows.refund, 0));
    if (lock_out->call_found)
        lock_out->call = row_call(pg_row_at(&rows.call, 0));
    return OK;
}

/* Each uses its own index; PostgreSQL would plan a statement for both anew at every call. */
static const struct pg_statement refund_lock_by_id = {
    .name = "refund_lock_by_id",
    .sql =
        "SELECT" REFUND_COLUMNS
        " FROM refunds AS r"
        " WHERE r.payment_id = $1 AND r.refund_id = $2"
        " FOR NO KEY UPDATE"
};

static const struct pg_statement refund_lock_by_ref = {
    .name = "refund_lock_by_ref",
    .sql =
        "SELECT" REFUND_COLUMNS
        " FROM refunds AS r"
        " WHERE r.payment_id = $1 AND r.provider_ref = $2"
        " FOR NO KEY UPDATE"
};

/* Runs under the payment's lock. An empty name finds nothing. */
static void queue_refund(struct ctx *ctx, const struct pg_statement *statement,
                         struct payment_id payment_id, const char *name, struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    *rows_out = (struct pg_rows) { NULL, 0 };
    if (name[0] == '\0')
        return;
    pg_text(&args, payment_id.text);                        /* $1 */
    pg_text(&args, name);                                   /* $2 */
    pg_queue_optional(ctx, statement, &args, rows_out);
}

const struct problem *store_refund_lock(struct ctx *ctx, struct payment_id payment_id,
                                        const struct provider_refund *named,
                                        struct refund_lock *lock_out)
{
    struct pg_rows payment, by_id, by_ref;

    payment_lock_queue(ctx, payment_id, &payment);
    queue_refund(ctx, &refund_lock_by_id, payment_id, named->refund_id.text, &by_id);
    queue_refund(ctx, &refund_lock_by_ref, payment_id, named->ref, &by_ref);
    TRY(pg_wait(ctx));
    *lock_out = (struct refund_lock) {
        .claim = { .state = CLAIM_MINE },
        .payment = row_payment_lock(&payment),
        .refund_found = by_id.count + by_ref.count > 0,
    };
    if (lock_out->refund_found)
        lock_out->refund = row_refund(pg_row_at(by_id.count > 0 ? &by_id : &by_ref, 0));
    return OK;
}

/* --- Writing --------------------------------------------------------------------------------- */

static const struct pg_statement refund_insert = {
    .name = "refund_insert",
    .sql =
        "INSERT INTO refunds"
        "   (refund_id, payment_id, amount_minor, currency, status, provider, provider_ref,"
        "    client_key, reason, failure_reason, origin, created_at, updated_at)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, at_ms($12), at_ms($13))"
};

void store_refund_insert(struct ctx *ctx, const struct refund *refund)
{
    struct pg_args args = { 0 };

    pg_text(&args, refund->id.text);                        /* $1 */
    pg_text(&args, refund->payment_id.text);                /* $2 */
    pg_i64(&args, refund->amount.minor);                    /* $3 */
    pg_text(&args, refund->amount.currency);                /* $4 */
    pg_text(&args, refund_status_name(refund->status));     /* $5 */
    pg_text(&args, refund->provider);                       /* $6 */
    pg_text_or_null(&args, refund->provider_ref);           /* $7 */
    pg_text_or_null(&args, refund->client_key);             /* $8 */
    pg_text(&args, refund->reason);                         /* $9 */
    pg_text(&args, refund->failure_reason);                 /* $10 */
    pg_text(&args, refund_origin_name(refund->origin));     /* $11 */
    pg_i64(&args, refund->created_at_ms);                   /* $12 */
    pg_i64(&args, refund->updated_at_ms);                   /* $13 */
    pg_queue_one(ctx, &refund_insert, &args, NULL);
}

static const struct pg_statement refund_update = {
    .name = "refund_update",
    .sql =
        "WITH changed AS ("
        "   UPDATE refunds"
        "   SET status = $2, provider_ref = $3, failure_reason = $4, updated_at = at_ms($5)"
        "   WHERE refund_id = $1"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM changed"
};

void store_refund_update(struct ctx *ctx, const struct refund *refund)
{
    struct pg_args args = { 0 };

    pg_text(&args, refund->id.text);                        /* $1 */
    pg_text(&args, refund_status_name(refund->status));     /* $2 */
    pg_text_or_null(&args, refund->provider_ref);           /* $3 */
    pg_text(&args, refund->failure_reason);                 /* $4 */
    pg_i64(&args, refund->updated_at_ms);                   /* $5 */
    pg_queue_one(ctx, &refund_update, &args, NULL);
}

/* --- Reading --------------------------------------------------------------------------------- */

/* A payment without refunds is one row of nulls. */
static const struct pg_statement refunds_of_payment = {
    .name = "refunds_of_payment",
    .sql =
        "SELECT" REFUND_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        "   LEFT JOIN refunds AS r ON r.payment_id = p.payment_id"
        " WHERE p.payment_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        " ORDER BY r.created_at, r.refund_id"
};

static void read_refunds(struct ctx *ctx, const struct pg_rows *rows, struct refund **refunds_out,
                         int *count_out)
{
    struct refund *refunds = arena_alloc(ctx->arena, (size_t) rows->count * sizeof(*refunds));

    for (int i = 0; i < rows->count; i++)
        refunds[i] = row_refund(pg_row_at(rows, i));
    *refunds_out = refunds;
    *count_out = rows->count;
}

const struct problem *store_refunds_list(struct ctx *ctx, struct payment_id payment_id,
                                         const char *owner, struct refund **refunds_out,
                                         int *count_out, bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows refunds;

    pg_text(&args, payment_id.text);                        /* $1 */
    pg_text(&args, owner);                                  /* $2 */
    pg_queue_many(ctx, &refunds_of_payment, &args, &refunds);
    TRY(pg_wait(ctx));
    *found_out = refunds.count > 0;
    if (*found_out && *pg_row_text(pg_row_at(&refunds, 0), "refund_id") == '\0')
        refunds.count = 0;
    read_refunds(ctx, &refunds, refunds_out, count_out);
    return OK;
}

const struct pg_statement *const refund_statements[] = {
    &refund_claim_order, &refund_claim_payment, &refund_claim_refund, &refund_claim_call,
    &refund_lock_by_id, &refund_lock_by_ref, &refund_insert, &refund_update,
    &refunds_of_payment, NULL
};
