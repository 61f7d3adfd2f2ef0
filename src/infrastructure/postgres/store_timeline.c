#include "application/store_timeline.h"

#include "statements.h"

static const struct pg_statement timeline_payment = {
    .name = "timeline_payment",
    .sql =
        "SELECT p.payment_id"
        " FROM payments AS p JOIN orders AS o USING (order_id)"
        " WHERE p.payment_id = $1"
        "   AND ($2::text IS NULL OR o.owner_id = $2)"
};

/*
 * Each part is one walk along an index by payment (or order). $2: the owner, who is told neither
 * which operator acted nor what he wrote. place puts what happened in the same moment in order: first
 * what was asked, then what came of it.
 */
static const struct pg_statement timeline_items = {
    .name = "timeline_items",
    .sql =
        "WITH the AS MATERIALIZED ("
        "   SELECT p.payment_id, p.order_id, $2::text IS NULL AS to_admin"
        "   FROM payments AS p JOIN orders AS o USING (order_id)"
        "   WHERE p.payment_id = $1"
        "     AND ($2::text IS NULL OR o.owner_id = $2)),"
        " audited AS ("
        "   SELECT a.at_us / 1000 AS at_ms, a.audit_id AS place, a.trace_id, a.action, a.body::json,"
        "       CASE WHEN the.to_admin THEN a.actor ELSE split_part(a.actor, ':', 1) END AS actor,"
        "       the.to_admin OR a.action <> 'reviewed' AS open"
        "   FROM the JOIN audit_log AS a ON a.payment_id = the.payment_id"
        "   UNION ALL"
        "   SELECT a.at_us / 1000, a.audit_id, a.trace_id, a.action, a.body::json,"
        "       CASE WHEN the.to_admin THEN a.actor ELSE split_part(a.actor, ':', 1) END, true"
        "   FROM the JOIN audit_log AS a ON a.order_id = the.order_id"
        "   WHERE a.payment_id IS NULL),"
        " items AS ("
        "   SELECT at_ms, 4 AS rank, place,"
        "       CASE WHEN action LIKE 'call.%' THEN 'provider_answer'"
        "            WHEN action IN ('status', 'facts', 'order.created', 'payment.created')"
        "                THEN 'transition'"
        "            WHEN actor LIKE 'admin%' THEN 'operator'"
        "            ELSE 'audit' END AS kind,"
        "       CASE WHEN action = 'status'"
        "            THEN format('%s to %s by %s', body->>'from', body->>'to', body->>'source')"
        "            WHEN action = 'facts' THEN format('%s stays, new facts by %s', body->>'to',"
        "                                              body->>'source')"
        "            WHEN action LIKE 'call.%' THEN format('%s answered %s: %s', substr(action, 6),"
        "                                                  body->>'httpStatus', body->>'verdict')"
        "            ELSE format('%s by %s', action, actor) END AS summary,"
        "       trace_id, '' AS request_body,"
        "       json_build_object('action', action, 'actor', actor, 'change',"
        "                         CASE WHEN open THEN body END) AS details"
        "   FROM audited"
        "   UNION ALL"
        "   SELECT ms(c.started_at), 1, 0, 'provider_call',"
        "       format('%s at %s: %s', c.operation, c.provider,"
        "              coalesce(c.verdict, 'under way')), c.trace_id, c.request_body,"
        "       json_build_object('callId', c.call_id, 'operation', c.operation, 'provider',"
        "           c.provider, 'attempts', c.attempts, 'looks', c.looks, 'sentAtMs', ms(c.sent_at),"
        "           'maybeExecuted', c.maybe_executed, 'verdict', c.verdict, 'httpStatus',"
        "           c.http_status, 'durationMs', c.duration_ms, 'providerRequestId',"
        "           nullif(c.provider_request_id, ''), 'refundId', c.refund_id,"
        "           'nextAttemptAtMs', CASE WHEN c.finished_at IS NULL THEN ms(c.next_at) END)"
        "   FROM the JOIN provider_calls AS c USING (payment_id)"
        "   UNION ALL"
        "   SELECT ms(w.received_at), 0, 0, 'webhook',"
        "       format('%s from %s: %s', w.type, w.provider, w.status), w.trace_id, '',"
        "       json_build_object('inboxId', w.inbox_id, 'eventId', w.event_id, 'type', w.type,"
        "           'status', w.status, 'reason', nullif(w.reason, ''), 'attempts', w.attempts)"
        "   FROM the JOIN webhook_events AS w USING (payment_id)"
        "   UNION ALL"
        "   SELECT ms(r.created_at), 2, 0, 'refund',"
        "       format('refund of %s %s: %s', r.amount_minor, r.currency, r.status), '', '',"
        "       json_build_object('refundId', r.refund_id, 'amountMinor', r.amount_minor,"
        "           'currency', r.currency, 'status', r.status, 'origin', r.origin,"
        "           'externalId', r.provider_ref)"
        "   FROM the JOIN refunds AS r USING (payment_id)"
        "   UNION ALL"
        "   SELECT ms(d.created_at), 2, 1, 'dispute',"
        "       format('dispute over %s %s: %s', d.amount_minor, d.currency, d.status), '', '',"
        "       json_build_object('disputeId', d.dispute_id, 'amountMinor', d.amount_minor,"
        "           'currency', d.currency, 'status', d.status, 'providerStatus',"
        "           nullif(d.provider_status, ''), 'dueAtMs', ms(d.due_at), 'withdrawnMinor',"
        "           d.withdrawn_minor, 'reinstatedMinor', d.reinstated_minor, 'externalId',"
        "           d.provider_ref)"
        "   FROM the JOIN disputes AS d USING (payment_id)"
        "   UNION ALL"
        "   SELECT ms(t.occurred_at), 3, 0, 'transaction',"
        "       format('%s of %s %s', t.kind, t.amount_minor, t.currency), t.trace_id, '',"
        "       json_build_object('transactionId', t.transaction_id, 'type', t.kind,"
        "           'amountMinor', t.amount_minor, 'currency', t.currency,"
        "           'externalId', t.provider_ref)"
        "   FROM the JOIN transactions AS t USING (payment_id)"
        "   UNION ALL"
        "   SELECT ms(e.created_at), 5, e.aggregate_seq, 'event', format('%s announced', e.type),"
        "       e.trace_id, '',"
        "       json_build_object('eventId', e.event_id, 'type', e.type, 'delivered',"
        "           e.delivered_at IS NOT NULL)"
        "   FROM the JOIN outbox AS e ON e.aggregate_id = the.payment_id)"
        " SELECT at_ms, kind, summary, trace_id, request_body, details::text AS details"
        " FROM items"
        " ORDER BY at_ms, rank, place"
        " LIMIT $3"
};

static struct timeline_item row_item(struct pg_row row)
{
    return (struct timeline_item) {
        .at_ms = pg_row_i64(row, "at_ms"),
        .kind = pg_row_text(row, "kind"),
        .summary = pg_row_text(row, "summary"),
        .trace_id = pg_row_text(row, "trace_id"),
        .request_body = pg_row_text(row, "request_body"),
        .details = pg_row_text(row, "details"),
    };
}

const struct problem *store_timeline_read(struct ctx *ctx, struct payment_id id, const char *owner,
                                          struct timeline *timeline_out)
{
    struct pg_args args = { 0 };
    struct pg_rows payment, rows;

    pg_text(&args, id.text);                                /* $1 */
    pg_text(&args, owner);                                  /* $2 */
    pg_queue_optional(ctx, &timeline_payment, &args, &payment);
    pg_i64(&args, TIMELINE_MAX + 1);                        /* $3 */
    pg_queue_many(ctx, &timeline_items, &args, &rows);
    TRY(pg_wait(ctx));
    timeline_out->found = payment.count == 1;
    timeline_out->more = rows.count > TIMELINE_MAX;
    timeline_out->count = timeline_out->more ? TIMELINE_MAX : rows.count;
    for (int i = 0; i < timeline_out->count; i++)
        timeline_out->items[i] = row_item(pg_row_at(&rows, i));
    return OK;
}

const struct pg_statement *const timeline_statements[] = {
    &timeline_payment, &timeline_items, NULL
};
