/* Refunds: peeked at, locked with their payment, inserted, updated and listed. */
#include "application/store/store_refunds.h"

#include "claim_rows.h"
#include "infrastructure/postgres/pg/statements.h"
#include "payment_locks.h"
#include "rows.h"

/* --- Peeking --------------------------------------------------------------------------------- */

static const struct pg_statement refund_peek = {
    .name = "refund_peek",
    .sql =
        "SELECT" KEY_COLUMNS ","
        " p.xmin AS payment_version, o.xmin AS order_version,"
        PAYMENT_COLUMNS "," ORDER_STATE_COLUMNS ","
        " r.xmin AS refund_version," REFUND_COLUMNS ","
        " c.call_id IS NOT NULL AS call_found," CALL_COLUMNS
        FROM_KEY
        "   LEFT JOIN payments AS p ON p.payment_id = $5"
        "   LEFT JOIN orders AS o ON o.order_id = p.order_id"
        "   LEFT JOIN refunds AS r"
        "     ON r.payment_id = p.payment_id AND (r.client_key = $3 OR r.refund_id = $6)"
        "   LEFT JOIN LATERAL"
        "     (SELECT * FROM provider_calls AS c"
        "      WHERE c.payment_id = p.payment_id AND c.refund_id = r.refund_id"
        "        AND c.operation = 'refund' AND c.finished_at IS NULL"
        "      ORDER BY c.started_at DESC"
        "      LIMIT 1) AS c ON true"
};

static void read_payment(struct pg_row row, struct refund_peek *peek)
{
    peek->seen.payment_version = pg_row_i64(row, "payment_version");
    if (peek->seen.payment_version == 0)
        return;
    peek->rows.payment = row_payment_state(row);
    peek->seen.payment_id = peek->rows.payment.payment.id;
    peek->seen.order_id = peek->rows.payment.payment.order_id;
    peek->seen.order_version = pg_row_i64(row, "order_version");
}

static void read_refund(struct pg_row row, struct refund_peek *peek)
{
    peek->seen.refund_version = pg_row_i64(row, "refund_version");
    peek->rows.refund_found = peek->seen.refund_version != 0;
    if (!peek->rows.refund_found)
        return;
    peek->rows.refund = row_refund(row);
    peek->seen.refund_id = peek->rows.refund.id;
}

static void read_call(struct pg_row row, struct refund_peek *peek)
{
    peek->call_found = pg_row_bool(row, "call_found");
    if (peek->call_found)
        peek->call = row_call(row);
}

const struct problem *store_refund_peek(struct ctx *ctx, const struct idempotency_key *key,
                                        struct payment_id payment_id, struct refund_id refund_id,
                                        struct refund_peek *peek_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    struct pg_row row;

    claim_args(ctx, &args, key);                            /* $1 to $4 */
    pg_text(&args, payment_id.text);                        /* $5 */
    pg_text(&args, refund_id.text);                         /* $6 */
    pg_queue_peek(ctx, &refund_peek, &args, &rows);
    TRY(pg_wait(ctx));
    row = pg_row_at(&rows, 0);
    *peek_out = (struct refund_peek) {
        .claim = claim_of(key, pg_row_part(row, "key_version", "payment_version")),
    };
    read_payment(pg_row_part(row, "payment_version", "refund_version"), peek_out);
    read_refund(pg_row_part(row, "refund_version", "call_found"), peek_out);
    read_call(pg_row_part(row, "call_found", NULL), peek_out);
    return OK;
}

void store_refund_queue_up(struct ctx *ctx, const struct idempotency_key *key,
                           struct payment_id payment_id)
{
    store_key_queue_up(ctx, key);
    payment_lock_queue(ctx, payment_id, NULL);
}

/* --- Locking, in the order: order, payment, refund ------------------------------------------- */

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
    &refund_peek, &refund_lock_by_id, &refund_lock_by_ref, &refund_insert, &refund_update,
    &refunds_of_payment, NULL
};
