/* Everything that happened to one payment, in one round trip. */
#include "application/store/store_timeline.h"

#include <stdio.h>

#include "infrastructure/postgres/pg/statements.h"

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
 * which operator acted nor what they wrote, nor whose order the payment had before it was attached
 * to the owner's.
 *
 * Causes come before effects. Most rows carry the time at which their request began, so these times
 * say nothing about the order within a request; the audit log does, as it is written in the order
 * of events. So the audit rows of one transaction are one step, with one time that never runs
 * backwards (steps). A row of a change that a provider's answer brought is two items (parts). An
 * item without an audit row goes to the step that made it: the step that names it (named) or says
 * the same (told), else the last step of its request (requests). rank orders the items of one step:
 * what was heard, what changed, what was booked, what was announced, what was asked or sent next.
 */
static const struct pg_statement timeline_items = {
    .name = "timeline_items",
    .sql =
        "WITH the AS MATERIALIZED ("
        "   SELECT p.payment_id, p.order_id, $2::text IS NULL AS to_admin"
        "   FROM payments AS p JOIN orders AS o USING (order_id)"
        "   WHERE p.payment_id = $1"
        "     AND ($2::text IS NULL OR o.owner_id = $2)),"
        " logged AS MATERIALIZED ("
        "   SELECT a.xid, a.at_us / 1000 AS at_ms, a.audit_id, a.trace_id, a.action,"
        "       a.body::json AS body, a.event_id, a.event_type,"
        "       CASE WHEN the.to_admin THEN a.actor ELSE split_part(a.actor, ':', 1) END AS actor,"
        "       the.to_admin OR a.action NOT IN ('reviewed', 'attached') AS open"
        "   FROM the JOIN audit_log AS a ON a.payment_id = the.payment_id"
        "   UNION ALL"
        "   SELECT a.xid, a.at_us / 1000, a.audit_id, a.trace_id, a.action, a.body::json,"
        "       NULL, NULL,"
        "       CASE WHEN the.to_admin THEN a.actor ELSE split_part(a.actor, ':', 1) END, true"
        "   FROM the JOIN audit_log AS a ON a.order_id = the.order_id"
        "   WHERE a.payment_id IS NULL),"
        " steps AS ("
        "   SELECT xid, min(audit_id) AS step,"
        "       max(max(at_ms)) OVER (ORDER BY min(audit_id)) AS at_ms"
        "   FROM logged"
        "   GROUP BY xid),"
        " parts AS ("
        "   SELECT * FROM logged"
        "   UNION ALL"
        "   SELECT xid, at_ms, audit_id, trace_id, 'call.' || (body->'answer'->>'operation'),"
        "       body->'answer', NULL, NULL, actor, open"
        "   FROM logged"
        "   WHERE body->'answer' IS NOT NULL),"
        " audited AS MATERIALIZED ("
        "   SELECT s.at_ms, s.step, l.audit_id, l.trace_id, l.action, l.body, l.actor, l.open,"
        "       l.event_id, l.event_type,"
        "       CASE l.action WHEN 'status' THEN 'payment.' || (l.body->>'to')"
        "                     WHEN 'refund.status' THEN 'refund.' || (l.body->>'to')"
        "                     ELSE l.action END AS told,"
        "       coalesce(l.body->>'call', l.body->>'refund', l.body->>'dispute') AS about,"
        "       coalesce((l.body->>'capturedMinor')::bigint, 0) > 0 AS captured"
        "   FROM parts AS l JOIN steps AS s USING (xid)),"
        " requests AS ("
        "   SELECT trace_id, min(step) AS first_step, min(at_ms) AS first_ms,"
        "      max(step) AS last_step,"
        "       max(at_ms) AS last_ms, min(step) FILTER (WHERE captured) AS captured_step,"
        "       min(at_ms) FILTER (WHERE captured) AS captured_ms"
        "   FROM audited"
        "   GROUP BY trace_id),"
        " told AS ("
        "   SELECT trace_id, told, max(step) AS step, max(at_ms) AS at_ms"
        "   FROM audited"
        "   GROUP BY trace_id, told),"
        " named AS ("
        "   SELECT about, min(step) AS step, min(at_ms) AS at_ms"
        "   FROM audited"
        "   GROUP BY about),"
        " items AS ("
        "   SELECT at_ms, step, CASE WHEN action LIKE 'call.%' THEN 1 ELSE 2 END AS rank,"
        "       audit_id AS place,"
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
        "       0::bigint AS amount_minor, '' AS currency, '' AS ending,"
        "       trace_id, '' AS request_body,"
        "       json_build_object('action', action, 'actor', actor, 'change',"
        "                         CASE WHEN open THEN body END) AS details"
        "   FROM audited"
        "   WHERE action <> 'announced'"
        "   UNION ALL"
        "   SELECT least(coalesce(told.at_ms, ms(c.started_at)), named.at_ms),"
        "       coalesce(told.step, named.step - 1, 0), 6, 0, 'provider_call',"
        "       format('%s at %s: %s', c.operation, c.provider,"
        "              coalesce(c.verdict, 'under way')), 0, '', '', c.trace_id,"
        "       CASE WHEN the.to_admin OR NOT EXISTS (SELECT FROM logged WHERE action = 'attached')"
        "            THEN c.request_body ELSE '' END,"
        "       json_build_object('callId', c.call_id, 'operation', c.operation, 'provider',"
        "           c.provider, 'attempts', c.attempts, 'looks', c.looks,"
        "           'sentAtMs', ms(c.sent_at),"
        "           'maybeExecuted', c.maybe_executed, 'verdict', c.verdict, 'httpStatus',"
        "           c.http_status, 'durationMs', c.duration_ms, 'providerRequestId',"
        "           nullif(c.provider_request_id, ''), 'refundId', c.refund_id,"
        "           'nextAttemptAtMs', CASE WHEN c.finished_at IS NULL THEN ms(c.next_at) END)"
        "   FROM the JOIN provider_calls AS c USING (payment_id)"
        "       LEFT JOIN told ON told.trace_id = c.trace_id AND told.told ="
        "           CASE c.operation WHEN 'checkout' THEN 'payment.created'"
        "                            WHEN 'refund' THEN 'refund.created' END"
        "       LEFT JOIN named ON named.about = c.call_id"
        "   UNION ALL"
        "   SELECT least(ms(w.received_at), q.first_ms), coalesce(q.first_step, 0), 0, 0,"
        "      'webhook',"
        "       format('%s from %s: %s', w.type, w.provider, w.status), 0, '', '', w.trace_id, '',"
        "       json_build_object('inboxId', w.inbox_id, 'eventId', w.event_id, 'type', w.type,"
        "           'status', w.status, 'reason', nullif(w.reason, ''), 'attempts', w.attempts)"
        "   FROM the JOIN webhook_events AS w USING (payment_id)"
        "       LEFT JOIN requests AS q USING (trace_id)"
        "   UNION ALL"
        "   SELECT coalesce(named.at_ms, ms(r.created_at)), coalesce(named.step, 0), 3, 0,"
        "      'refund',"
        "       'refund of', r.amount_minor, r.currency, ': ' || r.status, '', '',"
        "       json_build_object('refundId', r.refund_id, 'amountMinor', r.amount_minor,"
        "           'currency', r.currency, 'status', r.status, 'origin', r.origin,"
        "           'externalId', r.provider_ref)"
        "   FROM the JOIN refunds AS r USING (payment_id)"
        "       LEFT JOIN named ON named.about = r.refund_id"
        "   UNION ALL"
        "   SELECT coalesce(named.at_ms, ms(d.created_at)), coalesce(named.step, 0), 3, 1,"
        "      'dispute',"
        "       'dispute over', d.amount_minor, d.currency, ': ' || d.status, '', '',"
        "       json_build_object('disputeId', d.dispute_id, 'amountMinor', d.amount_minor,"
        "           'currency', d.currency, 'status', d.status, 'providerStatus',"
        "           nullif(d.provider_status, ''), 'dueAtMs', ms(d.due_at), 'withdrawnMinor',"
        "           d.withdrawn_minor, 'reinstatedMinor', d.reinstated_minor, 'externalId',"
        "           d.provider_ref)"
        "   FROM the JOIN disputes AS d USING (payment_id)"
        "       LEFT JOIN named ON named.about = d.dispute_id"
        "   UNION ALL"
        "   SELECT CASE WHEN t.kind = 'charge' AND q.captured_step IS NOT NULL THEN q.captured_ms"
        "               ELSE coalesce(q.last_ms, ms(t.occurred_at)) END,"
        "       CASE WHEN t.kind = 'charge' AND q.captured_step IS NOT NULL THEN q.captured_step"
        "            ELSE coalesce(q.last_step, 0) END, 4, 0, 'transaction',"
        "       replace(t.kind, '_', ' ') || ' of', abs(t.amount_minor), t.currency, '',"
        "       t.trace_id, '',"
        "       json_build_object('transactionId', t.transaction_id, 'type', t.kind,"
        "           'amountMinor', t.amount_minor, 'currency', t.currency,"
        "           'externalId', t.provider_ref)"
        "   FROM the JOIN transactions AS t USING (payment_id)"
        "       LEFT JOIN requests AS q USING (trace_id)"
        "   UNION ALL"
        "   SELECT at_ms, step, 5, audit_id, 'event', format('%s announced', event_type),"
        "       0, '', '', trace_id, '', json_build_object('eventId', event_id, 'type', event_type)"
        "   FROM audited"
        "   WHERE event_id IS NOT NULL"
        "   UNION ALL"
        "   SELECT greatest(ms(t.at), l.at_ms), l.step, 6, t.attempt, 'delivery',"
        "       format('%s to %s: %s', l.event_type, d.endpoint_id,"
        "              coalesce(nullif(t.error, ''), 'accepted')), 0, '', '', l.trace_id, '',"
        "       json_build_object('deliveryId', d.delivery_id, 'endpointId', d.endpoint_id,"
        "           'eventId', l.event_id, 'type', l.event_type, 'attempt', t.attempt,"
        "           'httpStatus', t.http_status, 'error', nullif(t.error, ''),"
        "           'durationMs', t.duration_ms)"
        "   FROM the JOIN webhook_deliveries AS d USING (payment_id)"
        "       JOIN webhook_delivery_attempts AS t USING (delivery_id)"
        "       JOIN audited AS l USING (audit_id)"
        "   WHERE the.to_admin AND l.event_id IS NOT NULL)"
        " SELECT at_ms, kind, summary, amount_minor, currency, ending, trace_id, request_body,"
        "   details::text AS details"
        " FROM items"
        " ORDER BY at_ms, step, rank, place"
        " LIMIT $3"
};

/* "refund of 10.50 USD: succeeded"; an item without an amount has its summary in one column. */
static const char *summary_of(struct ctx *ctx, struct pg_row row)
{
    struct money amount = { .minor = pg_row_i64(row, "amount_minor") };
    const char *summary = pg_row_text(row, "summary"), *currency = pg_row_text(row, "currency");
    char decimal[MONEY_TEXT_MAX];

    if (*currency == '\0')
        return summary;
    snprintf(amount.currency, sizeof(amount.currency), "%s", currency);
    money_print_decimal(amount, decimal);
    return arena_printf(ctx->arena, "%s %s %s%s", summary, decimal, currency,
                        pg_row_text(row, "ending"));
}

static struct timeline_item row_item(struct ctx *ctx, struct pg_row row)
{
    return (struct timeline_item) {
        .at_ms = pg_row_i64(row, "at_ms"),
        .kind = pg_row_text(row, "kind"),
        .summary = summary_of(ctx, row),
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
        timeline_out->items[i] = row_item(ctx, pg_row_at(&rows, i));
    return OK;
}

const struct pg_statement *const timeline_statements[] = {
    &timeline_payment, &timeline_items, NULL
};
