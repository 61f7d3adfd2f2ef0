/* The disputes of a payment: locked together, inserted, updated and listed. */
#include "application/store/store_disputes.h"

#include "infrastructure/postgres/pg/statements.h"
#include "payment_locks.h"
#include "rows.h"

/* --- Locking, in the order: order, payment, disputes ----------------------------------------- */

/* Runs under the payment's lock, so no dispute can be added meanwhile. */
static const struct pg_statement dispute_lock = {
    .name = "dispute_lock",
    .sql =
        "SELECT" DISPUTE_COLUMNS
        " FROM disputes AS d"
        " WHERE d.payment_id = $1"
        " ORDER BY d.dispute_id"
        " FOR NO KEY UPDATE"
};

const struct problem *store_dispute_lock(struct ctx *ctx, struct payment_id payment_id,
                                         struct dispute_lock *lock_out)
{
    struct pg_args args = { 0 };
    struct pg_rows payment;
    struct pg_rows disputes;

    payment_lock_queue(ctx, payment_id, &payment);
    pg_text(&args, payment_id.text);                        /* $1 */
    pg_queue_many(ctx, &dispute_lock, &args, &disputes);
    TRY(pg_wait(ctx));
    lock_out->payment = row_payment_lock(&payment);
    rows_disputes(ctx->arena, &disputes, &lock_out->disputes, &lock_out->count);
    return OK;
}

/* --- Writing --------------------------------------------------------------------------------- */

static const struct pg_statement dispute_insert = {
    .name = "dispute_insert",
    .sql =
        "INSERT INTO disputes"
        "   (dispute_id, amount_minor, status, contradictory, told_at_ms, provider_status, reason,"
        "    due_at, withdrawn_minor, reinstated_minor, updated_at, amount_assumed,"
        "    payment_id, provider, provider_ref, currency, created_at)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6, $7, at_ms($8), $9, $10, at_ms($11), $12,"
        "    $13, $14, $15, $16, at_ms($17))"
};

/* $1 to $12 */
static void dispute_args(struct pg_args *args, const struct dispute *dispute)
{
    const struct dispute_facts *facts = &dispute->facts;

    pg_text(args, dispute->id.text);                        /* $1 */
    pg_i64(args, facts->amount_minor);                      /* $2 */
    pg_text(args, dispute_status_name(facts->fact.status)); /* $3 */
    pg_bool(args, facts->fact.contradictory);               /* $4 */
    pg_i64(args, facts->at_ms);                              /* $5 */
    pg_text(args, facts->provider_status);                  /* $6 */
    pg_text(args, facts->reason);                           /* $7 */
    pg_i64_or_null(args, facts->due_at_s * 1000);           /* $8 */
    pg_i64(args, facts->withdrawn_minor);                   /* $9 */
    pg_i64(args, facts->reinstated_minor);                  /* $10 */
    pg_i64(args, dispute->updated_at_ms);                   /* $11 */
    pg_bool(args, facts->amount_assumed);                   /* $12 */
}

void store_dispute_insert(struct ctx *ctx, const struct dispute *dispute)
{
    struct pg_args args = { 0 };

    dispute_args(&args, dispute);                           /* $1 to $12 */
    pg_text(&args, dispute->payment_id.text);               /* $13 */
    pg_text(&args, dispute->provider);                      /* $14 */
    pg_text(&args, dispute->provider_ref);                  /* $15 */
    pg_text(&args, dispute->currency);                      /* $16 */
    pg_i64(&args, dispute->created_at_ms);                  /* $17 */
    pg_queue_one(ctx, &dispute_insert, &args, NULL);
}

static const struct pg_statement dispute_update = {
    .name = "dispute_update",
    .sql =
        "WITH changed AS ("
        "   UPDATE disputes"
        "   SET amount_minor = $2, status = $3, contradictory = $4, told_at_ms = $5,"
        "       provider_status = $6, reason = $7, due_at = at_ms($8),"
        "       withdrawn_minor = $9, reinstated_minor = $10, updated_at = at_ms($11),"
        "       amount_assumed = $12"
        "   WHERE dispute_id = $1"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM changed"
};

void store_dispute_update(struct ctx *ctx, const struct dispute *dispute)
{
    struct pg_args args = { 0 };

    dispute_args(&args, dispute);                           /* $1 to $12 */
    pg_queue_one(ctx, &dispute_update, &args, NULL);
}

/* --- Reading --------------------------------------------------------------------------------- */

/* A payment without disputes is one row of nulls. */
static const struct pg_statement disputes_of_payment = {
    .name = "disputes_of_payment",
    .sql =
        "SELECT" DISPUTE_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        "   LEFT JOIN disputes AS d ON d.payment_id = p.payment_id"
        " WHERE p.payment_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        " ORDER BY d.dispute_id"
};

const struct problem *store_disputes_list(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner, struct dispute **disputes_out,
                                          int *count_out, bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows disputes;

    pg_text(&args, payment_id.text);                        /* $1 */
    pg_text(&args, owner);                                  /* $2 */
    pg_queue_many(ctx, &disputes_of_payment, &args, &disputes);
    TRY(pg_wait(ctx));
    *found_out = disputes.count > 0;
    if (*found_out && *pg_row_text(pg_row_at(&disputes, 0), "dispute_id") == '\0')
        disputes.count = 0;
    rows_disputes(ctx->arena, &disputes, disputes_out, count_out);
    return OK;
}

const struct pg_statement *const dispute_statements[] = {
    &dispute_lock, &dispute_insert, &dispute_update, &disputes_of_payment, NULL
};
