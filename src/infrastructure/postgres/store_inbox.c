/* The inbox: events of providers stored once, locked, finished, and claimed while they wait. */
#include "application/store/store_inbox.h"

#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

/*
 * The row says which payment the event names: by the hosted page, else by the provider's own
 * reference, else by our id; never a payment of another provider.
 */
static const struct pg_statement webhook_insert = {
    .name = "webhook_insert",
    .sql =
        "INSERT INTO webhook_events"
        "   (provider, event_id, inbox_id, type, livemode, body, event_created_at, received_at,"
        "    trace_id, payment_id, status, finished_at)"
        " SELECT $1, $2, $3, $4, $5, $6, at_ms($7), at_ms($8), $9, named.payment_id,"
        "    CASE WHEN named.payment_id IS NULL THEN 'received' ELSE 'processed' END,"
        "    CASE WHEN named.payment_id IS NOT NULL THEN at_ms($8) END"
        " FROM (SELECT coalesce("
        "    (SELECT payment_id FROM payments WHERE provider = $1 AND provider_ref = $11),"
        "    (SELECT payment_id FROM payments WHERE provider = $1 AND provider_intent = $12),"
        "    (SELECT payment_id FROM payments WHERE payment_id = $10 AND provider = $1)))"
        "   AS named (payment_id)"
        " ON CONFLICT (provider, event_id) DO NOTHING"
        " RETURNING status = 'processed' AS is_noted"
};

#define YEAR_10000_S INT64_C(253402300800)

/* A verified event is kept even if its date is absurd. */
static int64_t storable_ms(int64_t at_s)
{
    if (at_s < 0 || at_s >= YEAR_10000_S)
        return 0;
    return at_s * 1000;
}

/* A duplicate waits here until the first delivery of the event has ended. */
static void queue_insert(struct ctx *ctx, const struct provider *provider,
                         const struct provider_event *event, struct bytes raw_body,
                         struct inbox_id inbox_id, struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    pg_text(&args, provider->name);                             /* $1 */
    pg_text(&args, event->id);                                  /* $2 */
    pg_text(&args, inbox_id.text);                              /* $3 */
    pg_text(&args, event->type);                                /* $4 */
    pg_bool(&args, event->livemode);                            /* $5 */
    pg_bytes(&args, raw_body);                                  /* $6 */
    pg_i64(&args, storable_ms(event->created_s));               /* $7 */
    pg_i64(&args, ctx->now_ms);                                 /* $8 */
    pg_text(&args, ctx->trace_id);                              /* $9 */
    pg_text_or_null(&args, event->payment.payment_id.text);     /* $10 */
    pg_text_or_null(&args, event->payment.ref);                 /* $11 */
    pg_text_or_null(&args, event->payment.intent);              /* $12 */
    pg_queue_optional(ctx, &webhook_insert, &args, rows_out);
}

/* Found by our own inbox row, so a duplicate of an earlier event locks nothing. */
static const struct pg_statement webhook_lock_order = {
    .name = "webhook_lock_order",
    .sql =
        "SELECT FROM orders AS o"
        " WHERE o.order_id = (SELECT p.order_id"
        "                     FROM webhook_events AS w JOIN payments AS p USING (payment_id)"
        "                     WHERE w.inbox_id = $1)"
        " FOR NO KEY UPDATE"
};

static const struct pg_statement webhook_lock_payment = {
    .name = "webhook_lock_payment",
    .sql =
        "SELECT" PAYMENT_COLUMNS "," ORDER_STATE_COLUMNS
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.payment_id = (SELECT w.payment_id FROM webhook_events AS w WHERE w.inbox_id = $1)"
        " FOR NO KEY UPDATE OF p"
};

/* Under the payment's lock, by our id, else by the provider's. */
static const struct pg_statement webhook_lock_refund = {
    .name = "webhook_lock_refund",
    .sql =
        "SELECT" REFUND_COLUMNS
        " FROM refunds AS r"
        " WHERE r.payment_id = (SELECT w.payment_id FROM webhook_events AS w WHERE w.inbox_id = $1)"
        "   AND (r.refund_id = $2 OR r.provider_ref = $3)"
        " ORDER BY r.refund_id IS NOT DISTINCT FROM $2 DESC"
        " LIMIT 1"
        " FOR NO KEY UPDATE"
};

static void queue_lock_refund(struct ctx *ctx, struct inbox_id inbox_id,
                              const struct provider_refund *named, struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    pg_text(&args, inbox_id.text);                              /* $1 */
    pg_text_or_null(&args, named->refund_id.text);              /* $2 */
    pg_text_or_null(&args, named->ref);                         /* $3 */
    pg_queue_optional(ctx, &webhook_lock_refund, &args, rows_out);
}

/* All disputes of the payment, under its lock: its overlay follows from all of them. */
static const struct pg_statement webhook_lock_disputes = {
    .name = "webhook_lock_disputes",
    .sql =
        "SELECT" DISPUTE_COLUMNS
        " FROM disputes AS d"
        " WHERE d.payment_id = (SELECT w.payment_id FROM webhook_events AS w WHERE w.inbox_id = $1)"
        " ORDER BY d.dispute_id"
        " FOR NO KEY UPDATE"
};

struct webhook_rows {
    struct pg_rows order;
    struct pg_rows payment;
    struct pg_rows refund;
    struct pg_rows disputes;
};

static void queue_locks(struct ctx *ctx, struct inbox_id inbox_id,
                        const struct provider_event *event, struct webhook_rows *rows_out)
{
    struct pg_args args = { 0 };

    *rows_out = (struct webhook_rows) { .refund = { NULL, 0 } };
    pg_text(&args, inbox_id.text);                              /* $1 */
    pg_queue_optional(ctx, &webhook_lock_order, &args, NULL);
    pg_queue_optional(ctx, &webhook_lock_payment, &args, &rows_out->payment);
    if (event->kind == PROVIDER_EVENT_REFUND)
        queue_lock_refund(ctx, inbox_id, &event->refund, &rows_out->refund);
    if (event->kind == PROVIDER_EVENT_DISPUTE)
        pg_queue_many(ctx, &webhook_lock_disputes, &args, &rows_out->disputes);
}

static struct inbox_lock read_locks(struct ctx *ctx, struct inbox_id inbox_id, bool fresh,
                                    const struct webhook_rows *rows)
{
    struct inbox_lock lock = {
        .fresh = fresh,
        .inbox_id = inbox_id,
        .payment = row_payment_lock(&rows->payment),
        .refund_found = rows->refund.count == 1,
    };

    if (lock.refund_found)
        lock.refund = row_refund(pg_row_at(&rows->refund, 0));
    rows_disputes(ctx->arena, &rows->disputes, &lock.disputes, &lock.dispute_count);
    return lock;
}

const struct problem *store_inbox_insert(struct ctx *ctx, const struct provider *provider,
                                         const struct provider_event *event,
                                         struct bytes raw_body, struct inbox_lock *lock_out)
{
    struct inbox_id inbox_id;
    struct pg_rows inserted;
    struct webhook_rows rows;

    ctx_new_id(ctx, "whe", inbox_id.text);
    queue_insert(ctx, provider, event, raw_body, inbox_id, &inserted);
    queue_locks(ctx, inbox_id, event, &rows);
    TRY(pg_wait(ctx));
    *lock_out = read_locks(ctx, inbox_id, inserted.count == 1, &rows);
    lock_out->is_noted = lock_out->fresh && pg_row_bool(pg_row_at(&inserted, 0), "is_noted");
    return OK;
}

/* Checks that the claim is still ours. The event's payment may be newer than the event's row. */
static const struct pg_statement webhook_hold = {
    .name = "webhook_hold",
    .sql =
        "WITH held AS ("
        "   UPDATE webhook_events AS w"
        "   SET payment_id = coalesce(w.payment_id,"
        "       (SELECT payment_id FROM payments"
        "        WHERE provider = w.provider AND provider_ref = $4),"
        "       (SELECT payment_id FROM payments"
        "        WHERE provider = w.provider AND provider_intent = $5),"
        "       (SELECT payment_id FROM payments WHERE payment_id = $3 AND provider = w.provider))"
        "   WHERE inbox_id = $1 AND attempts = $2 AND status = 'received'"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM held"
};

const struct problem *store_inbox_lock(struct ctx *ctx, const struct due_event *due,
                                       const struct provider_event *event,
                                       struct inbox_lock *lock_out)
{
    struct pg_args hold = { 0 };
    struct webhook_rows rows;

    pg_text(&hold, due->inbox_id.text);                         /* $1 */
    pg_i64(&hold, due->attempts);                               /* $2 */
    pg_text_or_null(&hold, event->payment.payment_id.text);     /* $3 */
    pg_text_or_null(&hold, event->payment.ref);                 /* $4 */
    pg_text_or_null(&hold, event->payment.intent);              /* $5 */
    pg_queue_one(ctx, &webhook_hold, &hold, NULL);
    queue_locks(ctx, due->inbox_id, event, &rows);
    TRY(pg_wait(ctx));
    *lock_out = read_locks(ctx, due->inbox_id, true, &rows);
    return OK;
}

static const struct pg_statement webhook_disown = {
    .name = "webhook_disown",
    .sql =
        "WITH disowned AS ("
        "   UPDATE webhook_events"
        "   SET payment_id = NULL, status = 'received', finished_at = NULL"
        "   WHERE inbox_id = $1"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM disowned"
};

void store_inbox_disown(struct ctx *ctx, struct inbox_id id)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);                                    /* $1 */
    pg_queue_one(ctx, &webhook_disown, &args, NULL);
}

static const struct pg_statement webhook_finish = {
    .name = "webhook_finish",
    .sql =
        "WITH finished AS ("
        "   UPDATE webhook_events"
        "   SET status = $2, payment_id = coalesce($3, payment_id), reason = $4,"
        "       finished_at = CASE WHEN $2 <> 'received' THEN at_ms($5) END"
        "   WHERE inbox_id = $1"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM finished"
};

void store_inbox_finish(struct ctx *ctx, struct inbox_id id, enum inbox_status status,
                        struct payment_id payment_id, const char *reason)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);                                    /* $1 */
    pg_text(&args, inbox_status_name(status));                          /* $2 */
    pg_text_or_null(&args, payment_id.text);                    /* $3 */
    pg_text(&args, reason);                                     /* $4 */
    pg_i64(&args, ctx->now_ms);                                 /* $5 */
    pg_queue_one(ctx, &webhook_finish, &args, NULL);
}

/* --- Waiting events --------------------------------------------------------------------------- */

#define CLAIM_DUE_WEBHOOKS(condition) \
        "UPDATE webhook_events AS w" \
        " SET attempts = w.attempts + 1, lease_until = now() + make_interval(secs => $1)," \
        "     next_at = now() + make_interval(secs => $1)" \
        " FROM (SELECT inbox_id" \
        "       FROM webhook_events" \
        "       WHERE status = 'received' AND next_at <= now()" condition \
        "         AND (lease_until IS NULL OR lease_until <= now())" \
        "       ORDER BY next_at" \
        "       LIMIT $2" \
        "       FOR NO KEY UPDATE SKIP LOCKED) AS due" \
        " WHERE w.inbox_id = due.inbox_id" \
        " RETURNING w.inbox_id, w.provider, w.body, w.attempts," \
        "   w.attempts - w.tries_before AS tries"

static const struct pg_statement due_webhooks = {
    .name = "due_webhooks",
    .sql = CLAIM_DUE_WEBHOOKS("")
};

/* Has its own index, so a fresh event is found at once behind a thousand that keep failing. */
static const struct pg_statement fresh_webhooks = {
    .name = "fresh_webhooks",
    .sql = CLAIM_DUE_WEBHOOKS(" AND attempts = 0")
};

const struct problem *store_inbox_due(struct ctx *ctx, bool fresh_only, int limit,
                                      struct due_event *events_out, int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, INBOX_LEASE_S);                               /* $1 */
    pg_i64(&args, limit);                                       /* $2 */
    pg_queue_many(ctx, fresh_only ? &fresh_webhooks : &due_webhooks, &args, &rows);
    TRY(pg_wait(ctx));
    for (int i = 0; i < rows.count; i++) {
        struct pg_row row = pg_row_at(&rows, i);

        events_out[i] = (struct due_event) {
            .provider = pg_row_text(row, "provider"),
            .body = pg_row_bytes(ctx->arena, row, "body"),
            .attempts = (int) pg_row_i64(row, "attempts"),
            .tries = (int) pg_row_i64(row, "tries"),
        };
        pg_row_copy(row, "inbox_id", events_out[i].inbox_id.text, sizeof(struct inbox_id));
    }
    *count_out = rows.count;
    return OK;
}

static const struct pg_statement webhook_postpone = {
    .name = "webhook_postpone",
    .sql =
        "WITH postponed AS ("
        "   UPDATE webhook_events"
        "   SET next_at = now() + $3::bigint * interval '1 millisecond',"
        "       lease_until = now(), reason = $4"
        "   WHERE inbox_id = $1 AND attempts = $2 AND status = 'received'"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM postponed"
};

void store_inbox_postpone(struct ctx *ctx, const struct due_event *due, int64_t delay_ms,
                          const char *reason)
{
    struct pg_args args = { 0 };

    pg_text(&args, due->inbox_id.text);                         /* $1 */
    pg_i64(&args, due->attempts);                               /* $2 */
    pg_i64(&args, delay_ms);                                    /* $3 */
    pg_text(&args, reason);                                     /* $4 */
    pg_queue_one(ctx, &webhook_postpone, &args, NULL);
}

const struct pg_statement *const inbox_statements[] = {
    &webhook_insert, &webhook_lock_order, &webhook_lock_payment, &webhook_lock_refund,
    &webhook_lock_disputes, &webhook_disown, &webhook_finish, &webhook_hold, &due_webhooks,
    &fresh_webhooks, &webhook_postpone, NULL
};
