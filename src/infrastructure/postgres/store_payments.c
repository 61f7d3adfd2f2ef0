/* Payments: inserted, updated, found, and locked together with their order. */
#include "application/store/store_payments.h"

#include <assert.h>
#include <string.h>

#include "infrastructure/postgres/pg/statements.h"
#include "payment_locks.h"
#include "rows.h"

static const struct pg_statement payment_insert = {
    .name = "payment_insert",
    .sql =
        "INSERT INTO payments"
        "   (payment_id, order_id, amount_minor, currency, provider,"
        "    expires_at, created_at, updated_at, authored)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, at_ms($6), at_ms($7), at_ms($8), $9)"
};

static void insert_args(struct pg_args *args, const struct payment *payment)
{
    pg_text(args, payment->id.text);                    /* $1 */
    pg_text(args, payment->order_id.text);              /* $2 */
    pg_i64(args, payment->amount.minor);                /* $3 */
    pg_text(args, payment->amount.currency);            /* $4 */
    pg_text(args, payment->provider);                   /* $5 */
    pg_i64(args, payment->expires_at_ms);               /* $6 */
    pg_i64(args, payment->created_at_ms);               /* $7 */
    pg_i64(args, payment->updated_at_ms);               /* $8 */
    pg_bool(args, payment->authored);                   /* $9 */
}

void store_payment_insert(struct ctx *ctx, const struct payment *payment)
{
    struct pg_args args = { 0 };

    insert_args(&args, payment);                        /* $1 to $9 */
    pg_queue_one(ctx, &payment_insert, &args, NULL);
}

/* The hold of store_peeked_hold and the insert, in one statement: the order is locked first. */
static const struct pg_statement payment_open = {
    .name = "payment_open",
    .sql =
        "WITH held AS ("
        "   SELECT order_id FROM orders AS o"
        "   WHERE o.order_id = $2 AND o.xmin = $10"
        "   FOR NO KEY UPDATE),"
        " opened AS ("
        "   INSERT INTO payments"
        "      (payment_id, order_id, amount_minor, currency, provider,"
        "       expires_at, created_at, updated_at, authored)"
        "   SELECT $1, order_id, $3::bigint, $4, $5, at_ms($6), at_ms($7), at_ms($8), $9::boolean"
        "   FROM held"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM opened"
};

void store_payment_open(struct ctx *ctx, const struct payment *payment, const struct peeked *seen)
{
    struct pg_args args = { 0 };

    assert(strcmp(seen->order_id.text, payment->order_id.text) == 0);
    assert(seen->payment_version == 0);
    insert_args(&args, payment);                        /* $1 to $9 */
    pg_i64(&args, seen->order_version);                 /* $10 */
    pg_queue_one(ctx, &payment_open, &args, NULL);
}

/* Leaves out the refund counters: PostgreSQL keeps them itself (trigger refunds_count). */
static const struct pg_statement payment_update = {
    .name = "payment_update",
    .sql =
        "WITH changed AS ("
        "   UPDATE payments"
        "   SET provider_ref = $2, provider_intent = $3, checkout_url = $4,"
        "       captured_minor = $5, close_reason = $6,"
        "       progress = $7, progress_at_s = $8, failure_code = $9, failure_reason = $10,"
        "       mismatch = $11, status = $12, surplus = $13,"
        "       needs_review = $14, review_reason = $15,"
        "       updated_at = at_ms($16), completed_at = at_ms($17),"
        "       dispute = $18, disputed_minor = $19, accepted = $20,"
        "       review_causes = $21, not_begun = $22"
        "   WHERE payment_id = $1"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM changed"
};

static void facts_args(struct pg_args *args, const struct payment_facts *facts)
{
    pg_i64(args, facts->captured_minor);                                /* $5 */
    pg_text(args, payment_close_name(facts->closed));                   /* $6 */
    pg_text(args, payment_progress_name(facts->snapshot.progress));     /* $7 */
    pg_i64(args, facts->snapshot.at_s);                                 /* $8 */
    pg_text(args, facts->snapshot.failure_code);                        /* $9 */
    pg_text(args, facts->snapshot.failure_reason);                      /* $10 */
    pg_bool(args, facts->mismatch);                                     /* $11 */
}

void store_payment_update(struct ctx *ctx, const struct payment *payment)
{
    struct pg_args args = { 0 };

    pg_text(&args, payment->id.text);                       /* $1 */
    pg_text_or_null(&args, payment->provider_ref);          /* $2 */
    pg_text_or_null(&args, payment->provider_intent);       /* $3 */
    pg_text_or_null(&args, payment->checkout_url);          /* $4 */
    facts_args(&args, &payment->facts);                     /* $5 to $11 */
    pg_text(&args, payment_status_name(payment->status));   /* $12 */
    pg_bool(&args, payment->surplus);                       /* $13 */
    pg_bool(&args, payment->needs_review);                  /* $14 */
    pg_text(&args, payment->review_reason);                 /* $15 */
    pg_i64(&args, payment->updated_at_ms);                  /* $16 */
    pg_i64_or_null(&args, payment->completed_at_ms);        /* $17 */
    pg_text(&args, dispute_status_name(payment->dispute));  /* $18 */
    pg_i64(&args, payment->disputed_minor);                 /* $19 */
    pg_bool(&args, payment->facts.accepted);                /* $20 */
    pg_i64(&args, payment->review_causes);                  /* $21 */
    pg_bool(&args, payment->not_begun);                     /* $22 */
    pg_queue_one(ctx, &payment_update, &args, NULL);
}

/* The application may not write order and amount; a function of the schema's owner does it. */
static const struct pg_statement payment_attach = {
    .name = "payment_attach",
    .sql = "SELECT must_be_one(attach_payment($1, $2, $3, $4, $5, $6, $7, $8, at_ms($9)))"
};

void store_payment_attach(struct ctx *ctx, const struct payment *payment)
{
    struct pg_args args = { 0 };

    pg_text(&args, payment->id.text);                       /* $1 */
    pg_text(&args, payment->order_id.text);                 /* $2 */
    pg_i64(&args, payment->amount.minor);                   /* $3 */
    pg_bool(&args, payment->facts.mismatch);                /* $4 */
    pg_text(&args, payment_status_name(payment->status));   /* $5 */
    pg_bool(&args, payment->needs_review);                  /* $6 */
    pg_text(&args, payment->review_reason);                 /* $7 */
    pg_i64(&args, payment->review_causes);                  /* $8 */
    pg_i64(&args, payment->updated_at_ms);                  /* $9 */
    pg_queue_one(ctx, &payment_attach, &args, NULL);
}

static const struct pg_statement payment_give_way = {
    .name = "payment_give_way",
    .sql =
        "WITH given AS ("
        "   UPDATE payments"
        "   SET surplus = true, checkout_url = NULL, updated_at = at_ms($2)"
        "   WHERE payment_id = $1 AND provider_open AND NOT surplus"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM given"
};

void store_payment_give_way(struct ctx *ctx, struct payment_id id)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);                                /* $1 */
    pg_i64(&args, ctx->now_ms);                             /* $2 */
    pg_queue_one(ctx, &payment_give_way, &args, NULL);
}

static const struct problem *find(struct ctx *ctx, const struct pg_statement *statement,
                                  const char *id, const char *owner, struct payment *payment_out,
                                  bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id);                                     /* $1 */
    pg_text(&args, owner);                                  /* $2 */
    pg_queue_optional(ctx, statement, &args, &rows);
    TRY(pg_wait(ctx));
    *found_out = rows.count == 1;
    if (*found_out)
        *payment_out = row_payment(pg_row_at(&rows, 0));
    return OK;
}

static const struct pg_statement payment_find = {
    .name = "payment_find",
    .sql =
        "SELECT" PAYMENT_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.payment_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
};

const struct problem *store_payment_find(struct ctx *ctx, struct payment_id id, const char *owner,
                                         struct payment *payment_out, bool *found_out)
{
    return find(ctx, &payment_find, id.text, owner, payment_out, found_out);
}

static const struct pg_statement order_payment_find = {
    .name = "order_payment_find",
    .sql =
        "SELECT" PAYMENT_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.order_id = $1 AND NOT (p.not_begun AND p.captured_minor = 0)"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        " ORDER BY (p.provider_open OR p.captured_minor > 0) AND NOT p.surplus DESC,"
        "          p.payment_id DESC"
        " LIMIT 1"
};

const struct problem *store_order_payment_find(struct ctx *ctx, struct order_id id,
                                               const char *owner, struct payment *payment_out,
                                               bool *found_out)
{
    return find(ctx, &order_payment_find, id.text, owner, payment_out, found_out);
}

/* --- Locking, in the order: order, payment --------------------------------------------------- */

static const struct pg_statement payment_lock_order = {
    .name = "payment_lock_order",
    .sql =
        "SELECT FROM orders AS o"
        " WHERE o.order_id = (SELECT p.order_id FROM payments AS p WHERE p.payment_id = $1)"
        " FOR NO KEY UPDATE"
};

static const struct pg_statement payment_lock = {
    .name = "payment_lock",
    .sql =
        "SELECT" PAYMENT_COLUMNS "," ORDER_STATE_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.payment_id = $1"
        " FOR NO KEY UPDATE OF p"
};

void payment_lock_queue(struct ctx *ctx, struct payment_id id, struct pg_rows *payment_out)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);                                /* $1 */
    pg_queue_optional(ctx, &payment_lock_order, &args, NULL);
    pg_queue_optional(ctx, &payment_lock, &args, payment_out);
}

const struct problem *store_payment_lock(struct ctx *ctx, struct payment_id id,
                                         struct payment_lock *lock_out)
{
    struct pg_rows payment;

    payment_lock_queue(ctx, id, &payment);
    TRY(pg_wait(ctx));
    *lock_out = row_payment_lock(&payment);
    return OK;
}

static const struct pg_statement payment_hold_order = {
    .name = "payment_hold_order",
    .sql =
        "WITH held AS ("
        "   SELECT 1 FROM orders AS o WHERE o.order_id = $1 AND o.status = $2 FOR NO KEY UPDATE)"
        " SELECT must_be_one(count(*)) FROM held"
};

static const struct pg_statement peeked_hold_order = {
    .name = "peeked_hold_order",
    .sql =
        "WITH held AS ("
        "   SELECT 1 FROM orders AS o WHERE o.order_id = $1 AND o.xmin = $2 FOR NO KEY UPDATE)"
        " SELECT must_be_one(count(*)) FROM held"
};

/*
 * Under the order's lock, which whoever writes one of these rows has: so a snapshot taken now shows
 * the refund as it is. A row's xmin is the transaction that wrote it last (PostgreSQL 15 manual,
 * 5.5 System Columns).
 */
static const struct pg_statement peeked_hold_payment = {
    .name = "peeked_hold_payment",
    .sql =
        "WITH held AS ("
        "   SELECT 1 FROM payments AS p"
        "   WHERE p.payment_id = $1 AND p.xmin = $2"
        "     AND NOT EXISTS (SELECT FROM refunds AS r WHERE r.refund_id = $3 AND r.xmin <> $4)"
        "   FOR NO KEY UPDATE)"
        " SELECT must_be_one(count(*)) FROM held"
};

static void queue_hold_order(struct ctx *ctx, const struct peeked *seen)
{
    struct pg_args args = { 0 };

    pg_text(&args, seen->order_id.text);                    /* $1 */
    pg_i64(&args, seen->order_version);                     /* $2 */
    pg_queue_one(ctx, &peeked_hold_order, &args, NULL);
}

static void queue_hold_payment(struct ctx *ctx, const struct peeked *seen)
{
    struct pg_args args = { 0 };

    pg_text(&args, seen->payment_id.text);                  /* $1 */
    pg_i64(&args, seen->payment_version);                   /* $2 */
    pg_text_or_null(&args, seen->refund_id.text);           /* $3 */
    pg_i64(&args, seen->refund_version);                    /* $4 */
    pg_queue_one(ctx, &peeked_hold_payment, &args, NULL);
}

void store_peeked_hold(struct ctx *ctx, const struct peeked *seen)
{
    queue_hold_order(ctx, seen);
    if (seen->payment_version != 0)
        queue_hold_payment(ctx, seen);
}

static const struct pg_statement payment_hold = {
    .name = "payment_hold",
    .sql =
        "WITH held AS ("
        "   SELECT 1"
        "   FROM payments AS p JOIN provider_calls AS c USING (payment_id)"
        "   WHERE p.payment_id = $1 AND c.call_id = $2 AND p.xmin = c.xmin"
        "     AND NOT EXISTS (SELECT FROM refunds AS r"
        "                     WHERE r.refund_id = c.refund_id AND r.xmin <> c.xmin)"
        "   FOR NO KEY UPDATE OF p)"
        " SELECT must_be_one(count(*)) FROM held"
};

void store_payment_hold(struct ctx *ctx, const struct payment_lock *known,
                        const struct provider_call *call)
{
    struct pg_args order = { 0 };
    struct pg_args payment = { 0 };

    pg_text(&order, known->payment.order_id.text);              /* $1 */
    pg_text(&order, order_status_name(known->order_status));    /* $2 */
    pg_queue_one(ctx, &payment_hold_order, &order, NULL);
    pg_text(&payment, known->payment.id.text);                  /* $1 */
    pg_text(&payment, call->id.text);                           /* $2 */
    pg_queue_one(ctx, &payment_hold, &payment, NULL);
}

const struct pg_statement *const payment_statements[] = {
    &payment_insert, &payment_open, &payment_update, &payment_attach, &payment_give_way,
    &payment_find, &order_payment_find,
    &payment_lock_order, &payment_lock, &peeked_hold_order, &peeked_hold_payment,
    &payment_hold_order, &payment_hold, NULL
};
