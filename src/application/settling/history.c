/* Audit rows and domain events of orders, payments, calls and findings. */
#include "history.h"

#include "base/rfc3339.h"
#include "base/text.h"
#include "review.h"

static void append_text_member(struct text *json, const char *name, const char *value)
{
    text_append_char(json, json->size == 0 ? '{' : ',');
    text_append_json_string(json, name);
    text_append_char(json, ':');
    text_append_json_string(json, value);
}

static void append_number_member(struct text *json, const char *name, int64_t value)
{
    text_append_char(json, json->size == 0 ? '{' : ',');
    text_append_json_string(json, name);
    text_append_char(json, ':');
    text_append_i64(json, value);
}

static struct bytes close_object(struct text *json)
{
    text_append_char(json, '}');
    return text_bytes(json);
}

/* Events are kept for ever and can never be changed; who the customer is stands in the order alone. */
static struct order without_personal_data(const struct order *order)
{
    struct order copy = *order;

    copy.customer_email[0] = '\0';
    return copy;
}

void history_order_created(struct ctx *ctx, const struct order *order)
{
    const struct order told = without_personal_data(order);
    struct payment_id no_payment = { "" };
    struct text body = text_new(ctx->arena);

    append_number_member(&body, "amountMinor", order->amount.minor);
    append_text_member(&body, "currency", order->amount.currency);
    store_audit_insert(ctx, order->id, no_payment, "order.created", close_object(&body));
    store_outbox_insert(ctx, order->id, no_payment, DOMAIN_EVENT_ORDER_CREATED,
                        order_json(ctx, &told));
}

void history_payment_created(struct ctx *ctx, const struct payment *payment)
{
    struct text body = text_new(ctx->arena);

    append_number_member(&body, "amountMinor", payment->amount.minor);
    append_text_member(&body, "currency", payment->amount.currency);
    append_text_member(&body, "provider", payment->provider);
    store_audit_insert(ctx, payment->order_id, payment->id, "payment.created", close_object(&body));
    store_outbox_insert(ctx, payment->order_id, payment->id, DOMAIN_EVENT_PAYMENT_CREATED,
                        payment_json(ctx, payment));
}

void history_webhooks_rejected(struct ctx *ctx, const struct rejected_webhooks *sum)
{
    char since[RFC3339_TEXT_MAX];
    struct order_id no_order = { "" };
    struct payment_id no_payment = { "" };
    struct text body = text_new(ctx->arena);

    rfc3339_print(sum->since_ms, since);
    append_text_member(&body, "cause", sum->cause);
    append_number_member(&body, "count", sum->count);
    append_number_member(&body, "bodyBytes", sum->body_bytes);
    append_text_member(&body, "since", since);
    store_audit_insert(ctx, no_order, no_payment, "webhook.rejected", close_object(&body));
}

void history_webhook_replayed(struct ctx *ctx, struct inbox_id id)
{
    struct order_id no_order = { "" };
    struct payment_id no_payment = { "" };
    struct text body = text_new(ctx->arena);

    append_text_member(&body, "inboxId", id.text);
    store_audit_insert(ctx, no_order, no_payment, "webhook.replayed", close_object(&body));
}

static struct bytes change_body(struct ctx *ctx, const struct payment *before,
                                const struct payment *after, struct change_source source)
{
    struct text body = text_new(ctx->arena);

    append_text_member(&body, "from", payment_status_name(before->status));
    append_text_member(&body, "to", payment_status_name(after->status));
    append_text_member(&body, "source", change_source_text(source));
    append_number_member(&body, "capturedMinor", after->facts.captured_minor);
    append_number_member(&body, "refundedMinor", after->facts.refunded_minor);
    append_text_member(&body, "closed", payment_close_name(after->facts.closed));
    append_text_member(&body, "progress", payment_progress_name(after->facts.snapshot.progress));
    append_text_member(&body, "providerRef", after->provider_ref);
    append_text_member(&body, "providerIntent", after->provider_intent);
    if (after->surplus)
        append_text_member(&body, "surplus", "yes");
    if (after->not_begun)
        append_text_member(&body, "notBegun", "yes");
    if (after->needs_review)
        append_text_member(&body, "review", after->review_reason);
    return close_object(&body);
}

/* Money beside the order's own completes nothing: it goes back, and the review tells of it. */
static enum domain_event event_of_change(const struct payment *before, const struct payment *after)
{
    enum domain_event type = domain_event_of_transition(before->status, after->status);

    return after->surplus && type == DOMAIN_EVENT_PAYMENT_COMPLETED ? DOMAIN_EVENT_NONE : type;
}

void history_payment_changed(struct ctx *ctx, const struct payment *before,
                             const struct payment *after, struct change_source source)
{
    enum domain_event type = event_of_change(before, after);

    store_audit_insert(ctx, after->order_id, after->id,
                       before->status == after->status ? "facts" : "status",
                       change_body(ctx, before, after, source));
    if (type != DOMAIN_EVENT_NONE)
        store_outbox_insert(ctx, after->order_id, after->id, type, payment_json(ctx, after));
    if (review_is_new(before, after))
        store_outbox_insert(ctx, after->order_id, after->id, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED,
                            payment_json(ctx, after));
}

void history_payment_gave_way(struct ctx *ctx, struct order_id order_id, struct payment_id id,
                              struct payment_id to)
{
    struct text body = text_new(ctx->arena);

    append_text_member(&body, "paidBy", to.text);
    store_audit_insert(ctx, order_id, id, "gave_way", close_object(&body));
}

/* The payment, and what only this event tells: for which order it came. */
static struct bytes attached_payload(struct ctx *ctx, const struct payment *before,
                                     const struct payment *after)
{
    const struct bytes payment = payment_json(ctx, after);
    struct text body = text_new(ctx->arena);

    text_append_bytes(&body, (struct bytes) { payment.data, payment.size - 1 });
    append_text_member(&body, "previousOrderId", before->order_id.text);
    return close_object(&body);
}

/* Nobody was told of a surplus that it completed anything. */
static bool completes_untold(const struct payment *before, const struct payment *after)
{
    return order_status_after(ORDER_OPEN, after->status) == ORDER_PAID
        && domain_event_of_transition(before->status, after->status) == DOMAIN_EVENT_NONE;
}

void history_payment_attached(struct ctx *ctx, const struct payment *before, const struct payment *after)
{
    struct text body = text_new(ctx->arena);

    append_text_member(&body, "fromOrder", before->order_id.text);
    append_text_member(&body, "toOrder", after->order_id.text);
    append_number_member(&body, "capturedMinor", after->facts.captured_minor);
    append_number_member(&body, "dueMinor", after->amount.minor);
    store_audit_insert(ctx, after->order_id, after->id, "attached", close_object(&body));
    store_outbox_insert(ctx, after->order_id, after->id, DOMAIN_EVENT_PAYMENT_ATTACHED,
                        attached_payload(ctx, before, after));
    history_payment_changed(ctx, before, after, change_source_of(SOURCE_REVIEW));
    if (completes_untold(before, after))
        store_outbox_insert(ctx, after->order_id, after->id, DOMAIN_EVENT_PAYMENT_COMPLETED,
                            payment_json(ctx, after));
}

void history_payment_reviewed(struct ctx *ctx, const struct payment *payment, const char *verdict,
                              const char *reason)
{
    struct text body = text_new(ctx->arena);

    append_text_member(&body, "verdict", verdict);
    append_text_member(&body, "reason", reason);
    append_text_member(&body, "asked", payment->review_reason);
    store_audit_insert(ctx, payment->order_id, payment->id, "reviewed", close_object(&body));
}

void history_call_recorded(struct ctx *ctx, const struct provider_call *call,
                           struct order_id order_id, const struct provider_reply *reply,
                           enum provider_verdict verdict)
{
    struct text body = text_new(ctx->arena);

    append_text_member(&body, "call", call->id.text);
    append_number_member(&body, "attempt", call->attempts);
    append_text_member(&body, "verdict", provider_verdict_name(verdict));
    append_number_member(&body, "httpStatus", reply->http_status);
    append_text_member(&body, "requestId", reply->request_id);
    store_audit_insert(ctx, order_id, call->payment_id,
                       arena_printf(ctx->arena, "call.%s",
                                    provider_operation_name(call->request.operation)),
                       close_object(&body));
}

void history_call_given_up(struct ctx *ctx, const struct provider_call *call, struct order_id order_id)
{
    struct text body = text_new(ctx->arena);

    append_text_member(&body, "call", call->id.text);
    append_text_member(&body, "operation", provider_operation_name(call->request.operation));
    append_number_member(&body, "attempts", call->attempts);
    store_audit_insert(ctx, order_id, call->payment_id, "call.given_up", close_object(&body));
}

void history_finding_explained(struct ctx *ctx, const struct found_finding *found, const char *reason)
{
    const struct finding *finding = &found->finding;
    struct text body = text_new(ctx->arena);

    append_text_member(&body, "reconciliation", found->reconciliation_id);
    append_number_member(&body, "finding", finding->number);
    append_text_member(&body, "kind", book_difference_name(finding->kind));
    append_text_member(&body, "object", book_object_name(finding->object));
    append_text_member(&body, "externalId", finding->ref);
    append_text_member(&body, "reason", reason);
    store_audit_insert(ctx, finding->owner.order_id, finding->owner.payment_id, "finding.explained",
                       close_object(&body));
}
