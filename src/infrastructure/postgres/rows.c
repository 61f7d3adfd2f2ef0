/* Rows of the schema as values of the domain: the readers of the columns that rows.h lists. */
#include "rows.h"

#include <assert.h>

#define COPY(row, column, array) pg_row_copy((row), (column), (array), sizeof(array))

static struct money row_money(struct pg_row row)
{
    struct money amount = { .minor = pg_row_i64(row, "amount_minor") };

    COPY(row, "currency", amount.currency);
    return amount;
}

static enum order_status row_order_status(struct pg_row row)
{
    enum order_status status = ORDER_OPEN;
    bool known = order_status_parse(pg_row_text(row, "status"), &status);

    assert(known);
    return status;
}

struct order row_order(struct pg_row row)
{
    struct order order = {
        .amount = row_money(row),
        .status = row_order_status(row),
        .metadata_json = pg_row_text(row, "metadata"),
        .created_at_ms = pg_row_i64(row, "created_at_ms"),
        .updated_at_ms = pg_row_i64(row, "updated_at_ms"),
    };

    COPY(row, "order_id", order.id.text);
    COPY(row, "owner_id", order.owner_id);
    COPY(row, "description", order.description);
    COPY(row, "customer_email", order.customer_email);
    return order;
}

static enum payment_status row_payment_status(struct pg_row row)
{
    enum payment_status status = PAYMENT_PENDING;
    bool known = payment_status_parse(pg_row_text(row, "status"), &status);

    assert(known);
    return status;
}

static struct payment_snapshot row_snapshot(struct pg_row row)
{
    struct payment_snapshot snapshot = { .at_s = pg_row_i64(row, "progress_at_s") };
    bool known = payment_progress_parse(pg_row_text(row, "progress"), &snapshot.progress);

    assert(known);
    COPY(row, "failure_code", snapshot.failure_code);
    COPY(row, "failure_reason", snapshot.failure_reason);
    return snapshot;
}

static struct payment_facts row_facts(struct pg_row row)
{
    struct payment_facts facts = {
        .captured_minor = pg_row_i64(row, "captured_minor"),
        .snapshot = row_snapshot(row),
        .mismatch = pg_row_bool(row, "mismatch"),
        .accepted = pg_row_bool(row, "accepted"),
        .refunded_minor = pg_row_i64(row, "refunded_minor"),
    };
    bool known = payment_close_parse(pg_row_text(row, "close_reason"), &facts.closed);

    assert(known);
    return facts;
}

static enum dispute_status row_dispute_status(struct pg_row row, const char *column)
{
    enum dispute_status status = DISPUTE_NONE;
    bool known = dispute_status_parse(pg_row_text(row, column), &status);

    assert(known);
    return status;
}

struct payment row_payment(struct pg_row row)
{
    struct payment payment = {
        .amount = row_money(row),
        .facts = row_facts(row),
        .status = row_payment_status(row),
        .refund_held_minor = pg_row_i64(row, "refund_held_minor"),
        .dispute = row_dispute_status(row, "dispute"),
        .disputed_minor = pg_row_i64(row, "disputed_minor"),
        .authored = pg_row_bool(row, "authored"),
        .surplus = pg_row_bool(row, "surplus"),
        .not_begun = pg_row_bool(row, "not_begun"),
        .needs_review = pg_row_bool(row, "needs_review"),
        .review_causes = (int) pg_row_i64(row, "review_causes"),
        .expires_at_ms = pg_row_i64(row, "expires_at_ms"),
        .created_at_ms = pg_row_i64(row, "created_at_ms"),
        .updated_at_ms = pg_row_i64(row, "updated_at_ms"),
        .completed_at_ms = pg_row_i64(row, "completed_at_ms"),
    };

    COPY(row, "payment_id", payment.id.text);
    COPY(row, "order_id", payment.order_id.text);
    COPY(row, "owner_id", payment.owner_id);
    COPY(row, "provider", payment.provider);
    COPY(row, "provider_ref", payment.provider_ref);
    COPY(row, "provider_intent", payment.provider_intent);
    COPY(row, "checkout_url", payment.checkout_url);
    COPY(row, "review_reason", payment.review_reason);
    return payment;
}

struct payment_lock row_payment_state(struct pg_row row)
{
    struct payment_lock state = { .found = true, .payment = row_payment(row) };
    bool known = order_status_parse(pg_row_text(row, "order_status"), &state.order_status);
    const char *holder = pg_row_text(row, "order_holder");

    assert(known);
    state.order_taken = holder[0] != '\0';
    if (state.order_taken && strcmp(holder, "paid") != 0)
        COPY(row, "order_holder", state.open_rival.text);
    return state;
}

struct payment_lock row_payment_lock(const struct pg_rows *payment)
{
    if (payment->count == 0)
        return (struct payment_lock) { .found = false };
    return row_payment_state(pg_row_at(payment, 0));
}

struct refund row_refund(struct pg_row row)
{
    struct refund refund = {
        .amount = row_money(row),
        .created_at_ms = pg_row_i64(row, "created_at_ms"),
        .updated_at_ms = pg_row_i64(row, "updated_at_ms"),
    };
    bool known = refund_status_parse(pg_row_text(row, "status"), &refund.status)
        && refund_origin_parse(pg_row_text(row, "origin"), &refund.origin);

    assert(known);
    COPY(row, "refund_id", refund.id.text);
    COPY(row, "payment_id", refund.payment_id.text);
    COPY(row, "provider", refund.provider);
    COPY(row, "provider_ref", refund.provider_ref);
    COPY(row, "client_key", refund.client_key);
    COPY(row, "reason", refund.reason);
    COPY(row, "failure_reason", refund.failure_reason);
    return refund;
}

static struct dispute_facts row_dispute_facts(struct pg_row row)
{
    struct dispute_facts facts = {
        .at_ms = pg_row_i64(row, "told_at_ms"),
        .fact = { row_dispute_status(row, "status"), pg_row_bool(row, "contradictory") },
        .amount_minor = pg_row_i64(row, "amount_minor"),
        .due_at_s = pg_row_i64(row, "due_at_ms") / 1000,
        .amount_assumed = pg_row_bool(row, "amount_assumed"),
        .withdrawn_minor = pg_row_i64(row, "withdrawn_minor"),
        .reinstated_minor = pg_row_i64(row, "reinstated_minor"),
    };

    COPY(row, "provider_status", facts.provider_status);
    COPY(row, "reason", facts.reason);
    return facts;
}

struct dispute row_dispute(struct pg_row row)
{
    struct dispute dispute = {
        .facts = row_dispute_facts(row),
        .created_at_ms = pg_row_i64(row, "created_at_ms"),
        .updated_at_ms = pg_row_i64(row, "updated_at_ms"),
    };

    COPY(row, "dispute_id", dispute.id.text);
    COPY(row, "payment_id", dispute.payment_id.text);
    COPY(row, "provider", dispute.provider);
    COPY(row, "provider_ref", dispute.provider_ref);
    COPY(row, "currency", dispute.currency);
    return dispute;
}

void rows_disputes(struct arena *arena, const struct pg_rows *rows, struct dispute **disputes_out,
                   int *count_out)
{
    struct dispute *disputes = arena_alloc(arena, (size_t) rows->count * sizeof(*disputes));

    for (int i = 0; i < rows->count; i++)
        disputes[i] = row_dispute(pg_row_at(rows, i));
    *disputes_out = disputes;
    *count_out = rows->count;
}

static enum provider_operation row_operation(struct pg_row row)
{
    enum provider_operation operation = OP_ANY;
    bool known = provider_operation_parse(pg_row_text(row, "operation"), &operation);

    assert(known);
    return operation;
}

struct provider_call row_call(struct pg_row row)
{
    struct provider_call call = {
        .provider = pg_row_text(row, "provider"),
        .request = {
            .operation = row_operation(row),
            .method = pg_row_text(row, "request_method"),
            .path = pg_row_text(row, "request_path"),
            .body = bytes_of(pg_row_text(row, "request_body")),
            .idempotency_key = pg_row_text(row, "idempotency_key"),
        },
        .attempts = (int) pg_row_i64(row, "attempts"),
        .started_at_ms = pg_row_i64(row, "started_at_ms"),
        .leased = pg_row_bool(row, "leased"),
        .looks = (int) pg_row_i64(row, "looks"),
        .maybe_executed = pg_row_bool(row, "maybe_executed"),
        .replays_5xx = pg_row_bool(row, "replays_5xx"),
        .idle_ms = pg_row_i64(row, "idle_ms"),
    };

    COPY(row, "call_id", call.id.text);
    COPY(row, "payment_id", call.payment_id.text);
    COPY(row, "refund_id", call.refund_id.text);
    return call;
}
