/* Work that is due: payments to recover or close, and waiting for the next one. */
#include "application/store/store_jobs.h"

#include <poll.h>
#include <string.h>

#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

/* --- Due payments ---------------------------------------------------------------------------- */

/* The names of the configured providers, as a PostgreSQL array. They need no quotes. */
static const char *configured_providers(struct ctx *ctx)
{
    const char *names = "";

    for (const struct provider *const *each = ctx->providers; *each != NULL; each++)
        names = arena_printf(ctx->arena, "%s%s%s", names, names[0] != '\0' ? "," : "",
                             (*each)->name);
    return arena_printf(ctx->arena, "{%s}", names);
}

/* A claim only moves next_at: whoever asks takes the lease, under the payment's lock. */
static const struct pg_statement due_calls = {
    .name = "due_calls",
    .sql =
        "UPDATE provider_calls AS c"
        " SET next_at = now() + make_interval(secs => $1)"
        " FROM (SELECT payment_id, call_id"
        "       FROM provider_calls"
        "       WHERE finished_at IS NULL AND next_at <= now() AND provider = ANY ($3::text[])"
        "         AND (lease_until IS NULL OR lease_until <= now())"
        "       ORDER BY next_at"
        "       LIMIT $2"
        "       FOR NO KEY UPDATE SKIP LOCKED) AS due"
        " WHERE c.payment_id = due.payment_id AND c.call_id = due.call_id"
        " RETURNING c.payment_id"
};

/* A payment that is being asked about has an open call (expire), so it is not found here again. */
static const struct pg_statement overdue_payments = {
    .name = "overdue_payments",
    .sql =
        "SELECT p.payment_id"
        " FROM payments AS p"
        " WHERE p.provider_open AND p.expires_at < now() - make_interval(secs => $1)"
        "   AND p.provider_ref IS NOT NULL AND p.provider = ANY ($3::text[])"
        "   AND NOT EXISTS (SELECT FROM provider_calls AS c"
        "                   WHERE c.payment_id = p.payment_id AND c.finished_at IS NULL)"
        " ORDER BY p.expires_at"
        " LIMIT $2"
        " FOR NO KEY UPDATE SKIP LOCKED"
};

/* Index payments_to_close: pages whose order was paid elsewhere meanwhile. */
static const struct pg_statement payments_to_close = {
    .name = "payments_to_close",
    .sql =
        "SELECT p.payment_id"
        " FROM payments AS p"
        " WHERE p.provider_open AND p.surplus AND p.provider_ref IS NOT NULL"
        "   AND NOT EXISTS (SELECT FROM provider_calls AS c"
        "                   WHERE c.payment_id = p.payment_id AND c.finished_at IS NULL)"
        " LIMIT $1"
        " FOR NO KEY UPDATE SKIP LOCKED"
};

static bool is_among(const struct payment_id *ids, int count, const char *id)
{
    for (int i = 0; i < count; i++)
        if (strcmp(ids[i].text, id) == 0)
            return true;
    return false;
}

/* A payment with several due calls is added once. */
static int add_ids(const struct pg_rows *rows, struct payment_id *ids, int count)
{
    for (int i = 0; i < rows->count && count < JOBS_BATCH_MAX; i++) {
        struct pg_row row = pg_row_at(rows, i);

        if (!is_among(ids, count, pg_row_text(row, "payment_id")))
            pg_row_copy(row, "payment_id", ids[count++].text, sizeof(ids[0].text));
    }
    return count;
}

const struct problem *store_due_payments(struct ctx *ctx, struct payment_id ids_out[JOBS_BATCH_MAX],
                                         int *count_out)
{
    struct pg_args calls_args = { 0 };
    struct pg_args overdue_args = { 0 };
    struct pg_args close_args = { 0 };
    struct pg_rows calls;
    struct pg_rows overdue;
    struct pg_rows to_close;

    pg_i64(&calls_args, CALL_LEASE_S);                          /* $1 */
    pg_i64(&calls_args, JOBS_BATCH_MAX);                        /* $2 */
    pg_text(&calls_args, configured_providers(ctx));            /* $3 */
    pg_queue_many(ctx, &due_calls, &calls_args, &calls);
    pg_i64(&overdue_args, PAYMENT_EXPIRY_GRACE_S);              /* $1 */
    pg_i64(&overdue_args, JOBS_BATCH_MAX);                      /* $2 */
    pg_text(&overdue_args, configured_providers(ctx));          /* $3 */
    pg_queue_many(ctx, &overdue_payments, &overdue_args, &overdue);
    pg_i64(&close_args, JOBS_BATCH_MAX);                        /* $1 */
    pg_queue_many(ctx, &payments_to_close, &close_args, &to_close);
    TRY(pg_wait(ctx));
    *count_out = add_ids(&to_close, ids_out,
                         add_ids(&overdue, ids_out, add_ids(&calls, ids_out, 0)));
    return OK;
}

static const struct pg_statement unserved_payments = {
    .name = "unserved_payments",
    .sql =
        "WITH waiting AS ("
        "   SELECT provider, payment_id"
        "   FROM provider_calls"
        "   WHERE finished_at IS NULL AND next_at <= now()"
        "   UNION"
        "   SELECT provider, payment_id"
        "   FROM payments"
        "   WHERE provider_open AND expires_at < now() - make_interval(secs => $1)"
        "     AND provider_ref IS NOT NULL)"
        " SELECT provider, count(*) AS payments"
        " FROM waiting"
        " WHERE NOT provider = ANY ($2::text[])"
        " GROUP BY provider"
        " ORDER BY provider"
        " LIMIT $3"
};

const struct problem *store_unserved_payments(struct ctx *ctx,
                                              struct unserved unserved_out[PROVIDERS_MAX],
                                              int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, PAYMENT_EXPIRY_GRACE_S);                      /* $1 */
    pg_text(&args, configured_providers(ctx));                  /* $2 */
    pg_i64(&args, PROVIDERS_MAX);                               /* $3 */
    pg_queue_many(ctx, &unserved_payments, &args, &rows);
    TRY(pg_wait(ctx));
    for (int i = 0; i < rows.count; i++) {
        struct pg_row row = pg_row_at(&rows, i);

        unserved_out[i] = (struct unserved) { pg_row_text(row, "provider"),
                                              pg_row_i64(row, "payments") };
    }
    *count_out = rows.count;
    return OK;
}

/* --- Recovery: order, payment, call, refund -------------------------------------------------- */

/* $1 the payment, $2 its owner or null. */
#define OF_PAYMENT \
    " p.payment_id = $1 AND ($2::text IS NULL OR o.owner_id = $2)"

static const struct pg_statement recovery_lock_order = {
    .name = "recovery_lock_order",
    .sql =
        "SELECT FROM orders AS o"
        " WHERE o.order_id = (SELECT p.order_id FROM payments AS p WHERE p.payment_id = $1)"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
        " FOR NO KEY UPDATE"
};

static const struct pg_statement recovery_lock_payment = {
    .name = "recovery_lock_payment",
    .sql =
        "SELECT" PAYMENT_COLUMNS "," ORDER_STATE_COLUMNS ", ms(now()) AS now_ms"
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE" OF_PAYMENT
        " FOR NO KEY UPDATE OF p"
};

/* The columns show the call before our lease; leases are taken under the payment's lock only. */
static const struct pg_statement recovery_call = {
    .name = "recovery_call",
    .sql =
        "WITH due AS ("
        "   SELECT c.payment_id, c.call_id"
        "   FROM provider_calls AS c JOIN payments AS p USING (payment_id)"
        "     JOIN orders AS o USING (order_id)"
        "   WHERE" OF_PAYMENT " AND c.finished_at IS NULL"
        "   ORDER BY coalesce(c.lease_until > now(), false), c.next_at, c.call_id"
        "   LIMIT 1),"
        " leased AS ("
        "   UPDATE provider_calls"
        "   SET attempts = attempts + 1, lease_until = now() + make_interval(secs => $3),"
        "       next_at = now() + make_interval(secs => $3)"
        "   WHERE (payment_id, call_id) = (SELECT payment_id, call_id FROM due)"
        "     AND (lease_until IS NULL OR lease_until <= now())"
        "   RETURNING call_id, attempts)"
        " SELECT" CALL_COLUMNS ", l.attempts AS our_attempt"
        " FROM provider_calls AS c LEFT JOIN leased AS l ON l.call_id = c.call_id"
        " WHERE (c.payment_id, c.call_id) = (SELECT payment_id, call_id FROM due)"
};

struct recovery_rows {
    struct pg_rows payment;
    struct pg_rows call;
};

static void queue_recovery(struct ctx *ctx, struct payment_id payment_id, const char *owner,
                           struct recovery_rows *rows_out)
{
    struct pg_args args = { 0 };

    pg_text(&args, payment_id.text);                            /* $1 */
    pg_text(&args, owner);                                      /* $2 */
    pg_queue_optional(ctx, &recovery_lock_order, &args, NULL);
    pg_queue_optional(ctx, &recovery_lock_payment, &args, &rows_out->payment);
    pg_i64(&args, CALL_LEASE_S);                                /* $3 */
    pg_queue_optional(ctx, &recovery_call, &args, &rows_out->call);
}

/* Without a number in our_attempt, somebody else holds the lease. */
static struct provider_call read_call(const struct pg_rows *rows)
{
    struct pg_row row = pg_row_at(rows, 0);
    struct provider_call call = row_call(row);
    int our_attempt = (int) pg_row_i64(row, "our_attempt");

    call.leased = our_attempt == 0;
    if (our_attempt != 0)
        call.attempts = our_attempt;
    return call;
}

static const struct pg_statement recovery_refund = {
    .name = "recovery_refund",
    .sql = "SELECT" REFUND_COLUMNS " FROM refunds AS r WHERE r.refund_id = $1"
};

/* One more round trip, for the calls that are about a refund. */
static const struct problem *read_refund(struct ctx *ctx, struct refund_id id,
                                         struct refund *refund_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id.text);                                    /* $1 */
    pg_queue_one(ctx, &recovery_refund, &args, &rows);
    TRY(pg_wait(ctx));
    *refund_out = row_refund(pg_row_at(&rows, 0));
    return OK;
}

const struct problem *store_recovery_lock(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner, struct recovery_lock *lock_out)
{
    struct recovery_rows rows;
    struct recovery_lock lock = { .call_found = false };

    queue_recovery(ctx, payment_id, owner, &rows);
    TRY(pg_wait(ctx));
    lock.payment = row_payment_lock(&rows.payment);
    if (lock.payment.found)
        lock.now_ms = pg_row_i64(pg_row_at(&rows.payment, 0), "now_ms");
    lock.call_found = rows.call.count == 1;
    if (lock.call_found)
        lock.call = read_call(&rows.call);
    if (lock.call.refund_id.text[0] != '\0')
        TRY(read_refund(ctx, lock.call.refund_id, &lock.refund));
    *lock_out = lock;
    return OK;
}

/* --- Waiting --------------------------------------------------------------------------------- */

#define CHANNEL "payapi_work"

static const struct pg_statement work_notify = {
    .name = "work_notify",
    .sql = "SELECT pg_notify('" CHANNEL "', '')"
};

void store_work_notify(struct ctx *ctx)
{
    struct pg_args none = { 0 };

    pg_queue_one(ctx, &work_notify, &none, NULL);
}

/* Repeated each time: it costs nothing, and the connection may be a new one. */
static const struct pg_statement work_listen = {
    .name = "work_listen",
    .sql = "LISTEN " CHANNEL
};

static const struct pg_statement work_due_in = {
    .name = "work_due_in",
    .sql =
        "SELECT greatest(0, least($1, ms(least("
        "   (SELECT min(next_at) FROM provider_calls"
        "    WHERE finished_at IS NULL AND provider = ANY ($2::text[])),"
        "   (SELECT min(next_at) FROM webhook_events WHERE status = 'received')))"
        "   - ms(clock_timestamp()))) AS wait_ms"
};

/* Takes all notifications that have arrived; true if there was any. */
static bool take_notifications(struct store *store)
{
    bool notified = false;
    PGnotify *notice;

    PQconsumeInput(store->connection);
    while ((notice = PQnotifies(store->connection)) != NULL) {
        PQfreemem(notice);
        notified = true;
    }
    return notified;
}

const struct problem *store_wait_for_work(struct ctx *ctx, int max_ms)
{
    struct store *store = ctx->store;
    struct pg_args none = { 0 };
    struct pg_args args = { 0 };
    struct pollfd socket = { .events = POLLIN };
    struct pg_rows due;
    int64_t wait_ms;

    pg_queue_any(ctx, &work_listen, &none);
    pg_i64(&args, max_ms);                                      /* $1 */
    pg_text(&args, configured_providers(ctx));                  /* $2 */
    pg_queue_one(ctx, &work_due_in, &args, &due);
    TRY(pg_wait(ctx));
    wait_ms = pg_row_i64(pg_row_at(&due, 0), "wait_ms");
    socket.fd = PQsocket(store->connection);
    if (!take_notifications(store) && poll(&socket, 1, (int) wait_ms) > 0)
        (void) take_notifications(store);
    return OK;
}

const struct pg_statement *const job_statements[] = {
    &due_calls, &overdue_payments, &payments_to_close, &unserved_payments,
    &recovery_lock_order, &recovery_lock_payment, &recovery_call, &recovery_refund,
    &work_notify, &work_listen, &work_due_in, NULL
};
