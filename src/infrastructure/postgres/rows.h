/*
 * rows.h - rows of the schema as values of the domain. The lists of columns and their readers
 * stand together, so that a statement cannot select less than is read.
 */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_ROWS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_ROWS_H

#include "application/store/store_refunds.h"
#include "infrastructure/postgres/pg/pg.h"

/* FROM orders AS o */
#define ORDER_COLUMNS \
    " o.order_id, o.owner_id, o.amount_minor, o.currency, o.status, o.description," \
    " o.customer_email, o.metadata," \
    " ms(o.created_at) AS created_at_ms, ms(o.updated_at) AS updated_at_ms"
/* metadata_json lives as long as the row. */
struct order row_order(struct pg_row row);

/* FROM payments AS p JOIN orders AS o USING (order_id) */
#define PAYMENT_COLUMNS \
    " p.payment_id, p.order_id, o.owner_id, p.amount_minor, p.currency, p.provider," \
    " p.provider_ref, p.provider_intent, p.checkout_url, p.captured_minor, p.refunded_minor," \
    " p.refund_held_minor, p.dispute, p.disputed_minor," \
    " p.close_reason, p.progress, p.progress_at_s, p.failure_code, p.failure_reason," \
    " p.mismatch, p.accepted, p.status, p.authored, p.surplus, p.not_begun, p.needs_review," \
    " p.review_reason, p.review_causes," \
    " ms(p.expires_at) AS expires_at_ms, ms(p.created_at) AS created_at_ms," \
    " ms(p.updated_at) AS updated_at_ms, ms(p.completed_at) AS completed_at_ms"
struct payment row_payment(struct pg_row row);

/*
 * With PAYMENT_COLUMNS, under the order's lock. order_holder: the id of another payment that can
 * take the order's money, "paid" if another has taken it, else null. There is at most one (index
 * one_live_payment).
 */
#define ORDER_STATE_COLUMNS \
    " o.status AS order_status," \
    " (SELECT CASE WHEN other.captured_minor > 0 THEN 'paid' ELSE other.payment_id END" \
    "  FROM payments AS other" \
    "  WHERE other.order_id = p.order_id AND other.payment_id <> p.payment_id" \
    "    AND (other.provider_open OR other.captured_minor > 0)" \
    "    AND NOT other.surplus) AS order_holder"
struct payment_lock row_payment_state(struct pg_row row);
/* Without a row, found is false. */
struct payment_lock row_payment_lock(const struct pg_rows *payment);

/* FROM refunds AS r */
#define REFUND_COLUMNS \
    " r.refund_id, r.payment_id, r.amount_minor, r.currency, r.status, r.origin, r.provider," \
    " r.provider_ref, r.client_key, r.reason, r.failure_reason," \
    " ms(r.created_at) AS created_at_ms, ms(r.updated_at) AS updated_at_ms"
struct refund row_refund(struct pg_row row);

/* FROM disputes AS d */
#define DISPUTE_COLUMNS \
    " d.dispute_id, d.payment_id, d.provider, d.provider_ref, d.amount_minor, d.currency," \
    " d.status, d.contradictory, d.told_at_ms, d.provider_status, d.reason," \
    " ms(d.due_at) AS due_at_ms," \
    " d.withdrawn_minor, d.reinstated_minor, d.amount_assumed," \
    " ms(d.created_at) AS created_at_ms, ms(d.updated_at) AS updated_at_ms"
struct dispute row_dispute(struct pg_row row);
void rows_disputes(struct arena *arena, const struct pg_rows *rows, struct dispute **disputes_out,
                   int *count_out);

/* FROM provider_calls AS c */
#define CALL_COLUMNS \
    " c.call_id, c.payment_id, c.provider, c.operation, c.request_method, c.request_path," \
    " c.refund_id, c.request_body, c.idempotency_key, c.attempts," \
    " ms(c.started_at) AS started_at_ms," \
    " coalesce(c.lease_until > now(), false) AS leased," \
    " c.looks, c.maybe_executed, c.replays_5xx," \
    " greatest(0, ms(now()) - ms(coalesce(c.sent_at, c.started_at))) AS idle_ms"
/* Its texts live as long as the row. */
struct provider_call row_call(struct pg_row row);

#endif
