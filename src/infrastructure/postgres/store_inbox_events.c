/* The inbox for operators: lists, details, attempts, replays and their effects. */
#include "application/store/store_inbox_events.h"

#include "infrastructure/postgres/pg/statements.h"
#include "listing.h"
#include "rows.h"

#define EVENT_COLUMNS \
    " w.inbox_id, w.provider, w.event_id, w.type, w.status, w.reason, w.payment_id, w.trace_id," \
    " w.livemode, w.attempts, ms(w.event_created_at) AS event_created_at_ms," \
    " ms(w.received_at) AS received_at_ms, ms(w.finished_at) AS finished_at_ms," \
    " CASE WHEN w.status = 'received' THEN ms(w.next_at) END AS next_at_ms"

static struct webhook_event row_event(struct pg_row row)
{
    return (struct webhook_event) {
        .inbox_id = pg_row_text(row, "inbox_id"),
        .provider = pg_row_text(row, "provider"),
        .event_id = pg_row_text(row, "event_id"),
        .type = pg_row_text(row, "type"),
        .status = pg_row_text(row, "status"),
        .reason = pg_row_text(row, "reason"),
        .payment_id = pg_row_text(row, "payment_id"),
        .trace_id = pg_row_text(row, "trace_id"),
        .livemode = pg_row_bool(row, "livemode"),
        .attempts = (int) pg_row_i64(row, "attempts"),
        .event_created_at_ms = pg_row_i64(row, "event_created_at_ms"),
        .received_at_ms = pg_row_i64(row, "received_at_ms"),
        .next_at_ms = pg_row_i64(row, "next_at_ms"),
        .finished_at_ms = pg_row_i64(row, "finished_at_ms"),
    };
}

/* --- The list -------------------------------------------------------------------------------- */

enum { BY_PAYMENT, BY_STATUS, BY_PROVIDER, BY_TYPE, FILTERS };

static const char *const status_words[] = { "received", "processed", "ignored", "dead", NULL };

/* A payment has few events, and their index has no order. */
static const struct listing_filter filters[FILTERS] = {
    [BY_PAYMENT]  = { "w.payment_id", "= ?", .words = NULL },
    [BY_STATUS]   = { "w.status",     "= ?", .words = status_words },
    [BY_PROVIDER] = { "w.provider",   "= ?", .words = listing_providers },
    [BY_TYPE]     = { "w.type",       "= ?", .words = NULL },
};

struct listing inbox_event_listing = {
    .name = "webhook_events",
    .select = "SELECT" EVENT_COLUMNS " FROM webhook_events AS w WHERE",
    .table = "w",
    .keys = { "w.inbox_id" },
    .limit = "LIMIT $1",
    .limit_arguments = 1,
    .rows_max = INBOX_LIST_MAX + 1,
    .filters = filters,
    .filter_count = FILTERS,
};

/* The id of an event is made when it arrives, so a span of arrivals is one of ids. */
const struct problem *store_inbox_events_list(struct ctx *ctx,
                                              const struct webhook_event_query *query,
                                              struct webhook_event_page *page_out)
{
    const char *const values[FILTERS] = {
        [BY_PAYMENT] = query->payment_id,
        [BY_STATUS] = query->status,
        [BY_PROVIDER] = query->provider,
        [BY_TYPE] = query->type,
    };
    struct listing_span span = listing_span_of_ids(ctx, "whe", query->from_ms, query->to_ms,
                                                   query->after_id);
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, query->limit + 1);                        /* $1 */
    listing_queue(ctx, &inbox_event_listing, &span, values, &args, &rows);
    TRY(pg_wait(ctx));
    page_out->more = rows.count > query->limit;
    page_out->count = page_out->more ? query->limit : rows.count;
    page_out->events = arena_alloc(ctx->arena, (size_t) page_out->count
                                               * sizeof(struct webhook_event));
    for (int i = 0; i < page_out->count; i++)
        page_out->events[i] = row_event(pg_row_at(&rows, i));
    return OK;
}

/* --- One ------------------------------------------------------------------------------------- */

static const struct pg_statement webhook_event_one = {
    .name = "webhook_event_one",
    .sql = "SELECT" EVENT_COLUMNS ", w.body FROM webhook_events AS w WHERE w.inbox_id = $1"
};

/* An event applied at its delivery has no row here: that attempt is read from the event itself. */
static const struct pg_statement webhook_event_attempts = {
    .name = "webhook_event_attempts",
    .sql =
        "SELECT ms(at) AS at_ms, actor, outcome, reason, trace_id, attempt_id"
        " FROM webhook_attempts"
        " WHERE inbox_id = $1"
        " UNION ALL"
        " SELECT ms(w.finished_at), w.provider, w.status, w.reason, w.trace_id, 0"
        " FROM webhook_events AS w"
        " WHERE w.inbox_id = $1 AND w.finished_at IS NOT NULL"
        "   AND NOT EXISTS (SELECT FROM webhook_attempts AS a WHERE a.inbox_id = $1)"
        " ORDER BY attempt_id"
        " LIMIT $2"
};

static struct webhook_attempt row_attempt(struct pg_row row)
{
    return (struct webhook_attempt) {
        .at_ms = pg_row_i64(row, "at_ms"),
        .actor = pg_row_text(row, "actor"),
        .outcome = pg_row_text(row, "outcome"),
        .reason = pg_row_text(row, "reason"),
        .trace_id = pg_row_text(row, "trace_id"),
    };
}

const struct problem *store_inbox_event_read(struct ctx *ctx, struct inbox_id id,
                                             struct webhook_event_details *details_out)
{
    struct pg_args args = { 0 };
    struct pg_rows event;
    struct pg_rows attempts;

    pg_text(&args, id.text);                                /* $1 */
    pg_queue_optional(ctx, &webhook_event_one, &args, &event);
    pg_i64(&args, WEBHOOK_ATTEMPTS_SHOWN);                  /* $2 */
    pg_queue_many(ctx, &webhook_event_attempts, &args, &attempts);
    TRY(pg_wait(ctx));
    details_out->found = event.count == 1;
    details_out->attempt_count = attempts.count;
    if (!details_out->found)
        return OK;
    details_out->event = row_event(pg_row_at(&event, 0));
    details_out->body = pg_row_bytes(ctx->arena, pg_row_at(&event, 0), "body");
    for (int i = 0; i < attempts.count; i++)
        details_out->attempts[i] = row_attempt(pg_row_at(&attempts, i));
    return OK;
}

/* --- Attempts -------------------------------------------------------------------------------- */

static const struct pg_statement webhook_attempt_insert = {
    .name = "webhook_attempt_insert",
    .sql =
        "INSERT INTO webhook_attempts (inbox_id, at, actor, outcome, reason, trace_id)"
        " VALUES ($1, at_ms($2), $3, $4, $5, $6)"
};

void store_inbox_attempt(struct ctx *ctx, struct inbox_id id, enum inbox_status outcome,
                         const char *reason)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);                                /* $1 */
    pg_i64(&args, ctx->now_ms);                             /* $2 */
    pg_text(&args, ctx->actor.id);                          /* $3 */
    pg_text(&args, inbox_status_name(outcome));             /* $4 */
    pg_text(&args, reason);                                 /* $5 */
    pg_text(&args, ctx->trace_id);                          /* $6 */
    pg_queue_one(ctx, &webhook_attempt_insert, &args, NULL);
}

/* attempts keeps counting, as it is the fence. A lease counts only while the event waits. */
static const struct pg_statement webhook_reopen = {
    .name = "webhook_reopen",
    .sql =
        "WITH reopened AS ("
        "   UPDATE webhook_events"
        "   SET status = 'received', reason = '', finished_at = NULL,"
        "       tries_before = attempts, attempts = attempts + 1,"
        "       lease_until = now() + make_interval(secs => $2),"
        "       next_at = now() + make_interval(secs => $2)"
        "   WHERE inbox_id = $1"
        "     AND (status <> 'received' OR lease_until IS NULL OR lease_until <= now())"
        "   RETURNING inbox_id, attempts)"
        " SELECT w.provider, w.body, r.attempts AS our_attempt"
        " FROM webhook_events AS w LEFT JOIN reopened AS r USING (inbox_id)"
        " WHERE w.inbox_id = $1"
};

const struct problem *store_inbox_reopen(struct ctx *ctx, struct inbox_id id,
                                         struct inbox_reopened *reopened_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    struct pg_row row;

    pg_text(&args, id.text);                                /* $1 */
    pg_i64(&args, INBOX_LEASE_S);                           /* $2 */
    pg_queue_optional(ctx, &webhook_reopen, &args, &rows);
    TRY(pg_wait(ctx));
    *reopened_out = (struct inbox_reopened) { .found = rows.count == 1 };
    if (rows.count == 0)
        return OK;
    row = pg_row_at(&rows, 0);
    reopened_out->due = (struct due_event) {
        .inbox_id = id,
        .provider = pg_row_text(row, "provider"),
        .body = pg_row_bytes(ctx->arena, row, "body"),
        .attempts = (int) pg_row_i64(row, "our_attempt"),
        .tries = 1,
    };
    reopened_out->leased = reopened_out->due.attempts == 0;
    return OK;
}

/* --- What an attempt would do ---------------------------------------------------------------- */

static const struct pg_statement effect_payment = {
    .name = "effect_payment",
    .sql = "SELECT" PAYMENT_COLUMNS
           " FROM payments AS p JOIN orders AS o USING (order_id) WHERE p.payment_id = $1"
};

/* Rows that this transaction wrote carry its id as xmin. */
static const struct pg_statement effect_movements = {
    .name = "effect_movements",
    .sql =
        "SELECT kind, amount_minor FROM transactions"
        " WHERE payment_id = $1 AND xmin = pg_current_xact_id()::xid"
        " ORDER BY transaction_id LIMIT $2"
};

static const struct pg_statement effect_events = {
    .name = "effect_events",
    .sql =
        "SELECT type FROM outbox"
        " WHERE aggregate_id = $1 AND xmin = pg_current_xact_id()::xid"
        " ORDER BY aggregate_seq LIMIT $2"
};

const struct problem *store_inbox_effect(struct ctx *ctx, struct payment_id id,
                                         struct inbox_effect *effect_out)
{
    struct pg_args args = { 0 };
    struct pg_rows payment;
    struct pg_rows movements;
    struct pg_rows events;

    pg_text(&args, id.text);                                /* $1 */
    pg_queue_one(ctx, &effect_payment, &args, &payment);
    pg_i64(&args, EFFECTS_MAX);                             /* $2 */
    pg_queue_many(ctx, &effect_movements, &args, &movements);
    pg_queue_many(ctx, &effect_events, &args, &events);
    TRY(pg_wait(ctx));
    *effect_out = (struct inbox_effect) { .payment = row_payment(pg_row_at(&payment, 0)),
                                            .movement_count = movements.count,
                                            .event_count = events.count };
    for (int i = 0; i < movements.count; i++) {
        effect_out->movements[i].kind = pg_row_text(pg_row_at(&movements, i), "kind");
        effect_out->movements[i].amount_minor = pg_row_i64(pg_row_at(&movements, i),
                                                           "amount_minor");
    }
    for (int i = 0; i < events.count; i++)
        effect_out->events[i] = pg_row_text(pg_row_at(&events, i), "type");
    return OK;
}

const struct pg_statement *const inbox_event_statements[] = {
    &webhook_event_one, &webhook_event_attempts, &webhook_attempt_insert,
    &webhook_reopen, &effect_payment, &effect_movements, &effect_events, NULL
};
