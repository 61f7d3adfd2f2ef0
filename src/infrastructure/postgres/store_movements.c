/* Movements of money, the rows of the ledger: inserted. */
#include "application/store/store_movements.h"

#include "base/metrics.h"
#include "infrastructure/postgres/pg/statements.h"

static const char *kind_name(enum movement_kind kind)
{
    switch (kind) {
    case MOVEMENT_CHARGE:           return "charge";
    case MOVEMENT_REFUND:           return "refund";
    case MOVEMENT_REFUND_REVERSAL:  return "refund_reversal";
    case MOVEMENT_DISPUTE:          return "dispute";
    case MOVEMENT_DISPUTE_REVERSAL: return "dispute_reversal";
    case MOVEMENT_REASSIGNMENT:     return "reassignment";
    }
    return "";
}

static const struct pg_statement transaction_insert = {
    .name = "transaction_insert",
    .sql =
        "INSERT INTO transactions"
        "   (transaction_id, payment_id, order_id, kind, amount_minor, currency,"
        "    provider, provider_ref, occurred_at, recorded_at, trace_id)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6, $7, $8, at_ms($9), at_ms($10), $11)"
};

static void count_money(const struct payment *payment, const struct movement *movement)
{
    int64_t minor = movement->amount_minor;

    metrics_add(METRIC_MONEY, (uint64_t) (minor < 0 ? -minor : minor),
                METRIC_VALUES(payment->amount.currency, kind_name(movement->kind)));
}

/*
 * The id sorts by the time of the movement, not of its row, because lists are in the order of ids.
 * Providers give that time in seconds. Within a second, movements sort by when we learned of them,
 * and those of one reply by their kind.
 */
void store_movement_insert(struct ctx *ctx, const struct payment *payment,
                           const struct movement *movement)
{
    struct pg_args args = { 0 };
    char id[ID_TEXT_MAX];

    ctx_new_id_since(ctx, "txn", movement->occurred_at_ms, (int) movement->kind, id);
    pg_text(&args, id);                                 /* $1 */
    pg_text(&args, payment->id.text);                   /* $2 */
    pg_text(&args, payment->order_id.text);             /* $3 */
    pg_text(&args, kind_name(movement->kind));          /* $4 */
    pg_i64(&args, movement->amount_minor);              /* $5 */
    pg_text(&args, payment->amount.currency);           /* $6 */
    pg_text(&args, payment->provider);                  /* $7 */
    pg_text(&args, movement->provider_ref);             /* $8 */
    pg_i64(&args, movement->occurred_at_ms);            /* $9 */
    pg_i64(&args, ctx->now_ms);                         /* $10 */
    pg_text(&args, ctx->trace_id);                      /* $11 */
    pg_queue_one(ctx, &transaction_insert, &args, NULL);
    count_money(payment, movement);
}

const struct pg_statement *const movement_statements[] = {
    &transaction_insert, NULL
};
