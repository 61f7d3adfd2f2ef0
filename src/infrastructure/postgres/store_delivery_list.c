/* Deliveries for operators: listed, shown with their attempts, sent again. */
#include "application/store/store_delivery_list.h"

#include "infrastructure/postgres/pg/statements.h"
#include "listing.h"

#define DELIVERY_COLUMNS \
    " d.delivery_id, d.endpoint_id, a.event_id, a.event_type, d.payment_id, d.seq, d.status," \
    " d.attempts, CASE WHEN d.status = 'pending' THEN ms(d.next_at) END AS next_at_ms," \
    " ms(d.event_at) AS event_at_ms, ms(d.delivered_at) AS delivered_at_ms"

#define ATTEMPT_COLUMNS \
    " t.attempt, ms(t.at) AS at_ms, t.duration_ms, t.http_status, t.error, t.answer"

static struct delivery_attempt row_attempt(struct pg_row row)
{
    return (struct delivery_attempt) {
        .number = (int) pg_row_i64(row, "attempt"),
        .at_ms = pg_row_i64(row, "at_ms"),
        .duration_ms = (int) pg_row_i64(row, "duration_ms"),
        .http_status = (int) pg_row_i64(row, "http_status"),
        .error = pg_row_text(row, "error"),
        .answer = pg_row_text(row, "answer"),
    };
}

static struct delivery row_delivery(struct pg_row row)
{
    return (struct delivery) {
        .id = pg_row_text(row, "delivery_id"),
        .endpoint_id = pg_row_text(row, "endpoint_id"),
        .event_id = pg_row_text(row, "event_id"),
        .event_type = pg_row_text(row, "event_type"),
        .payment_id = pg_row_text(row, "payment_id"),
        .seq = pg_row_i64(row, "seq"),
        .status = pg_row_text(row, "status"),
        .attempts = (int) pg_row_i64(row, "attempts"),
        .next_at_ms = pg_row_i64(row, "next_at_ms"),
        .event_at_ms = pg_row_i64(row, "event_at_ms"),
        .delivered_at_ms = pg_row_i64(row, "delivered_at_ms"),
    };
}

/* --- The list ------------------------------------------------------------------------------- */

static const struct pg_statement deliveries_of_endpoint = {
    .name = "deliveries_of_endpoint",
    .sql =
        "SELECT" DELIVERY_COLUMNS "," ATTEMPT_COLUMNS
        " FROM webhook_deliveries AS d"
        "   JOIN LATERAL (SELECT event_id, event_type FROM audit_log AS l"
        "                 WHERE l.audit_id = d.audit_id LIMIT 1) AS a ON true"
        "   LEFT JOIN LATERAL (SELECT * FROM webhook_delivery_attempts AS x"
        "                      WHERE x.delivery_id = d.delivery_id"
        "                      ORDER BY x.attempt DESC LIMIT 1) AS t ON true"
        " WHERE d.endpoint_id = $2 AND ($3::text IS NULL OR d.delivery_id < $3)"
        "   AND ($4::text IS NULL OR d.status = $4)"
        " ORDER BY d.delivery_id DESC"
        " LIMIT $1"
};

/* The same along its own index: a failed delivery among a million others is found at once. */
static const struct pg_statement failed_of_endpoint = {
    .name = "failed_of_endpoint",
    .sql =
        "SELECT" DELIVERY_COLUMNS "," ATTEMPT_COLUMNS
        " FROM webhook_deliveries AS d"
        "   JOIN LATERAL (SELECT event_id, event_type FROM audit_log AS l"
        "                 WHERE l.audit_id = d.audit_id LIMIT 1) AS a ON true"
        "   LEFT JOIN LATERAL (SELECT * FROM webhook_delivery_attempts AS x"
        "                      WHERE x.delivery_id = d.delivery_id"
        "                      ORDER BY x.attempt DESC LIMIT 1) AS t ON true"
        " WHERE d.endpoint_id = $2 AND ($3::text IS NULL OR d.delivery_id < $3)"
        "   AND d.status = 'failed'"
        " ORDER BY d.delivery_id DESC"
        " LIMIT $1"
};

const struct problem *store_deliveries_list(struct ctx *ctx, const struct delivery_query *query,
                                            struct delivery_page *page_out)
{
    bool failed = query->status != NULL && strcmp(query->status, "failed") == 0;
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, query->limit + 1);                                    /* $1 */
    pg_text(&args, query->endpoint_id.text);                            /* $2 */
    pg_text(&args, query->after_id);                                    /* $3 */
    if (!failed)
        pg_text(&args, query->status);                                  /* $4 */
    pg_queue_many(ctx, failed ? &failed_of_endpoint : &deliveries_of_endpoint, &args, &rows);
    TRY(pg_wait(ctx));
    page_out->more = rows.count > query->limit;
    page_out->count = page_out->more ? query->limit : rows.count;
    page_out->deliveries = arena_alloc(ctx->arena, (size_t) (page_out->count + 1)
                                                   * sizeof(struct delivery));
    for (int i = 0; i < page_out->count; i++) {
        page_out->deliveries[i] = row_delivery(pg_row_at(&rows, i));
        page_out->deliveries[i].last = row_attempt(pg_row_at(&rows, i));
    }
    return OK;
}

/* --- One ------------------------------------------------------------------------------------ */

static const struct pg_statement delivery_one = {
    .name = "delivery_one",
    .sql =
        "SELECT" DELIVERY_COLUMNS
        " FROM webhook_deliveries AS d JOIN audit_log AS a USING (audit_id)"
        "   JOIN webhook_endpoints AS e USING (endpoint_id)"
        " WHERE d.delivery_id = $1 AND e.status <> 'deleted'"
};

static const struct pg_statement delivery_attempts = {
    .name = "delivery_attempts",
    .sql =
        "SELECT" ATTEMPT_COLUMNS
        " FROM webhook_delivery_attempts AS t WHERE t.delivery_id = $1"
        " ORDER BY t.attempt LIMIT $2"
};

const struct problem *store_delivery_read(struct ctx *ctx, const char *id,
                                          struct delivery_details *details_out)
{
    struct pg_args args = { 0 };
    struct pg_rows one, attempts;

    pg_text(&args, id);                                                 /* $1 */
    pg_queue_optional(ctx, &delivery_one, &args, &one);
    pg_i64(&args, DELIVERY_ATTEMPTS_SHOWN);                             /* $2 */
    pg_queue_many(ctx, &delivery_attempts, &args, &attempts);
    TRY(pg_wait(ctx));
    details_out->found = one.count == 1;
    if (!details_out->found)
        return OK;
    details_out->delivery = row_delivery(pg_row_at(&one, 0));
    details_out->attempt_count = attempts.count;
    for (int i = 0; i < attempts.count; i++)
        details_out->attempts[i] = row_attempt(pg_row_at(&attempts, i));
    return OK;
}

/* --- Sending again -------------------------------------------------------------------------- */

static const struct pg_statement delivery_resend = {
    .name = "delivery_resend",
    .sql =
        "WITH due AS ("
        "   UPDATE webhook_deliveries"
        "   SET status = 'pending', released = true, tries_before = attempts, next_at = now()"
        "   WHERE delivery_id = $1 AND status NOT IN ('waiting', 'sending')"
        "   RETURNING 1)"
        " SELECT count(*) AS done FROM due"
};

const struct problem *store_delivery_resend(struct ctx *ctx, const char *id, bool *done_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id);                                                 /* $1 */
    pg_queue_one(ctx, &delivery_resend, &args, &rows);
    TRY(pg_wait(ctx));
    *done_out = pg_row_i64(pg_row_at(&rows, 0), "done") == 1;
    return OK;
}

/*
 * Events of the endpoint's own test are not its news. What is waiting or on its way comes anyway.
 */
static const struct pg_statement deliveries_recover = {
    .name = "deliveries_recover",
    .sql =
        "WITH endpoint AS (SELECT * FROM webhook_endpoints WHERE endpoint_id = $1),"
        " missed AS ("
        "   SELECT delivery_id_of(e.endpoint_id, a.event_id) AS delivery_id, e.endpoint_id,"
        "       a.audit_id, a.payment_id, a.seq, a.at_us"
        "   FROM endpoint AS e, audit_log AS a"
        "   WHERE a.at_us >= $2::bigint * 1000 AND a.at_us < $3::bigint * 1000"
        "     AND a.event_id IS NOT NULL"
        "     AND a.event_type <> 'webhook_endpoint.test'"
        "     AND (e.events = '{*}' OR a.event_type = ANY (e.events))"
        "     AND NOT EXISTS (SELECT FROM webhook_deliveries AS d"
        "                     WHERE d.delivery_id = delivery_id_of(e.endpoint_id, a.event_id)"
        "                       AND (d.status IN ('delivered', 'waiting', 'sending')"
        "                            OR d.delivered_at IS NOT NULL))"
        "   ORDER BY a.at_us, a.audit_id"
        "   LIMIT $4),"
        " queued AS ("
        "   INSERT INTO webhook_deliveries"
        "       (delivery_id, endpoint_id, audit_id, payment_id, seq, status, released, next_at,"
        "        event_at)"
        "   SELECT delivery_id, endpoint_id, audit_id, payment_id, seq, 'pending', true, now(),"
        "       at_ms(at_us / 1000)"
        "   FROM missed"
        "   ON CONFLICT (delivery_id) DO UPDATE"
        "   SET status = 'pending', released = true, next_at = now(),"
        "       tries_before = webhook_deliveries.attempts"
        "   RETURNING 1)"
        " SELECT (SELECT count(*) FROM queued) AS queued,"
        "   (SELECT max(at_us) / 1000 FROM missed) AS last_ms"
};

const struct problem *store_deliveries_recover(struct ctx *ctx, struct webhook_endpoint_id id,
                                               int64_t since_ms, int64_t until_ms,
                                               struct webhook_recovery *recovery_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id.text);                                            /* $1 */
    pg_i64(&args, since_ms);                                            /* $2 */
    pg_i64(&args, until_ms);                                            /* $3 */
    pg_i64(&args, RECOVERED_AT_ONCE);                                   /* $4 */
    pg_queue_one(ctx, &deliveries_recover, &args, &rows);
    TRY(pg_wait(ctx));
    recovery_out->queued = pg_row_i64(pg_row_at(&rows, 0), "queued");
    recovery_out->complete = recovery_out->queued < RECOVERED_AT_ONCE;
    recovery_out->continue_from_ms = pg_row_i64(pg_row_at(&rows, 0), "last_ms");
    return OK;
}

/* --- Test events ---------------------------------------------------------------------------- */

static const struct pg_statement test_delivery_insert = {
    .name = "test_delivery_insert",
    .sql =
        "INSERT INTO webhook_deliveries"
        "   (delivery_id, endpoint_id, audit_id, status, released, next_at, event_at)"
        " SELECT delivery_id_of($1, event_id), $1, audit_id, 'pending', true, now(),"
        "   at_ms(at_us / 1000)"
        " FROM audit_log"
        " WHERE xid_number(xid) = xid_number(pg_current_xact_id())"
        "   AND event_type = 'webhook_endpoint.test'"
        " RETURNING delivery_id"
};

const struct problem *store_test_delivery_insert(struct ctx *ctx, struct webhook_endpoint_id id,
                                                 const char **delivery_id_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id.text);                                            /* $1 */
    pg_queue_one(ctx, &test_delivery_insert, &args, &rows);
    TRY(pg_wait(ctx));
    *delivery_id_out = pg_row_text(pg_row_at(&rows, 0), "delivery_id");
    return OK;
}

const struct pg_statement *const delivery_list_statements[] = {
    &deliveries_of_endpoint, &failed_of_endpoint, &delivery_one, &delivery_attempts,
    &delivery_resend, &deliveries_recover, &test_delivery_insert, NULL
};
