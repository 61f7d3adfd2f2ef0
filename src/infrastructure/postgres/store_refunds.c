#include "application/store_refunds.h"

#include "rows.h"
#include "statements.h"
#include "store_keys.h"

/* --- Locking, in the order: key, order, payment, refund -------------------------------------- */

/*
 * $1 our id, or else $2 provider and $3 its object. With a key ($4 holder, $5 principal, $6 route,
 * $7 key) only when the claim succeeded: who does not run holds the key's row alone, or he would
 * wait with it for the payment of the one who runs, and who needs the key in the end.
 */
#define NAMED_PAYMENT \
    " coalesce((SELECT payment_id FROM payments WHERE payment_id = $1" \
    "           AND ($4::text IS NULL OR EXISTS (SELECT FROM idempotency_keys AS k" \
    "                WHERE k.principal = $5 AND k.route = $6 AND k.key = $7" \
    "                  AND k.holder = $4 AND k.state = 'running')))," \
    "          (SELECT payment_id FROM payments WHERE provider = $2 AND provider_intent = $3))"

/* $7 the client's key, or $8 our id, or else $9 the provider's. Under the payment's lock. */
#define NAMED_REFUND \
    " r.payment_id =" NAMED_PAYMENT \
    " AND (r.client_key = $7 OR r.refund_id = $8 OR r.provider_ref = $9)" \
    " ORDER BY r.refund_id IS NOT DISTINCT FROM $8 DESC" \
    " LIMIT 1"

static const struct pg_statement refund_lock_order = {
    .name = "refund_lock_order",
    .sql =
        "SELECT" ORDER_COLUMNS
        " FROM orders AS o"
        " WHERE o.order_id = (SELECT p.order_id FROM payments AS p"
        "                     WHERE p.payment_id =" NAMED_PAYMENT ")"
        " FOR NO KEY UPDATE"
};

static const struct pg_statement refund_lock_payment = {
    .name = "refund_lock_payment",
    .sql =
        "SELECT" PAYMENT_COLUMNS "," ORDER_TAKEN_COLUMN
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.payment_id =" NAMED_PAYMENT
        " FOR NO KEY UPDATE OF p"
};

static const struct pg_statement refund_lock = {
    .name = "refund_lock",
    .sql =
        "SELECT" REFUND_COLUMNS
        " FROM refunds AS r"
        " WHERE" NAMED_REFUND
        " FOR NO KEY UPDATE"
};

static const struct pg_statement refund_call = {
    .name = "refund_call",
    .sql =
        "SELECT" CALL_COLUMNS
        " FROM provider_calls AS c"
        " WHERE c.payment_id =" NAMED_PAYMENT
        "   AND c.refund_id = (SELECT r.refund_id FROM refunds AS r WHERE" NAMED_REFUND ")"
        "   AND c.operation = 'refund' AND c.finished_at IS NULL"
        " ORDER BY c.started_at DESC"
        " LIMIT 1"
};

struct refund_names {
    struct payment_id             payment_id;
    const char                   *provider;
    const struct provider_refund *refund;       /* intent, id, reference: "" when not named */
    struct idempotency_key        key;          /* all "" without one */
};

struct refund_rows {
    struct pg_rows order;
    struct pg_rows payment;
    struct pg_rows refund;
    struct pg_rows call;
};

static void queue_locks(struct ctx *ctx, const struct refund_names *names,
                        struct refund_rows *rows_out)
{
    struct pg_args args = { 0 };

    pg_text_or_null(&args, names->payment_id.text);         /* $1 */
    pg_text_or_null(&args, names->provider);                /* $2 */
    pg_text_or_null(&args, names->refund->intent);          /* $3 */
    pg_text_or_null(&args, names->key.holder);              /* $4 */
    pg_text_or_null(&args, names->key.principal);           /* $5 */
    pg_text_or_null(&args, names->key.route);               /* $6 */
    pg_text_or_null(&args, names->key.key);                 /* $7 */
    pg_queue_optional(ctx, &refund_lock_order, &args, &rows_out->order);
    pg_queue_optional(ctx, &refund_lock_payment, &args, &rows_out->payment);
    pg_text_or_null(&args, names->refund->refund_id.text);  /* $8 */
    pg_text_or_null(&args, names->refund->ref);             /* $9 */
    pg_queue_optional(ctx, &refund_lock, &args, &rows_out->refund);
    pg_queue_optional(ctx, &refund_call, &args, &rows_out->call);
}

static struct refund_lock read_locks(const struct refund_rows *rows)
{
    struct refund_lock lock = {
        .claim = { .state = CLAIM_MINE },
        .payment = row_payment_lock(&rows->order, &rows->payment),
        .refund_found = rows->refund.count == 1,
        .call_found = rows->call.count == 1,
    };

    if (lock.refund_found)
        lock.refund = row_refund(pg_row_at(&rows->refund, 0));
    if (lock.call_found)
        lock.call = row_call(pg_row_at(&rows->call, 0));
    return lock;
}

/* One round trip. A rival of the same key or payment makes us wait here, before anything is decided. */
const struct problem *store_refund_claim(struct ctx *ctx, const struct idempotency_key *key,
                                         struct payment_id payment_id,
                                         struct refund_lock *lock_out)
{
    static const struct provider_refund not_named = { .amount_minor = 0 };
    struct refund_names names = { payment_id, "", &not_named, *key };
    struct claim_rows claim;
    struct refund_rows rows;

    claim_queue(ctx, key, &claim);
    queue_locks(ctx, &names, &rows);
    TRY(pg_wait(ctx));
    *lock_out = read_locks(&rows);
    lock_out->claim = claim_read(key, &claim);
    return OK;
}

const struct problem *store_refund_lock(struct ctx *ctx, struct payment_id payment_id,
                                        const char *provider, const struct provider_refund *named,
                                        struct refund_lock *lock_out)
{
    static const struct idempotency_key no_key = { .principal = "", .route = "", .key = "",
                                                   .holder = "" };
    struct refund_names names = { payment_id, provider, named, no_key };
    struct refund_rows rows;

    queue_locks(ctx, &names, &rows);
    TRY(pg_wait(ctx));
    *lock_out = read_locks(&rows);
    return OK;
}

/* --- Writing ----------------------------------------------------------------------------------- */

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

/* --- Reading ----------------------------------------------------------------------------------- */

static const struct pg_statement refunds_payment = {
    .name = "refunds_payment",
    .sql =
        "SELECT p.payment_id"
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.payment_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
};

/* Ids sort by time. */
static const struct pg_statement refunds_of_payment = {
    .name = "refunds_of_payment",
    .sql =
        "SELECT" REFUND_COLUMNS
        " FROM refunds AS r JOIN payments AS p USING (payment_id) JOIN orders AS o USING (order_id)"
        " WHERE r.payment_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        " ORDER BY r.refund_id"
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
    struct pg_rows payment;
    struct pg_rows refunds;

    pg_text(&args, payment_id.text);                        /* $1 */
    pg_text(&args, owner);                                  /* $2 */
    pg_queue_optional(ctx, &refunds_payment, &args, &payment);
    pg_queue_many(ctx, &refunds_of_payment, &args, &refunds);
    TRY(pg_wait(ctx));
    *found_out = payment.count == 1;
    read_refunds(ctx, &refunds, refunds_out, count_out);
    return OK;
}

const struct pg_statement *const refund_statements[] = {
    &refund_lock_order, &refund_lock_payment, &refund_lock, &refund_call,
    &refund_insert, &refund_update, &refunds_payment, &refunds_of_payment, NULL
};
