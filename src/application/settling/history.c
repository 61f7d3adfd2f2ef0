/* The history of orders, payments, calls and findings, and the events that announce it. */
#include "history.h"

#include "base/json_out.h"
#include "payment_counts.h"
#include "review.h"

/* A change that nobody is told of. */
static void note(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                 const char *action, struct bytes body)
{
    store_history_insert(ctx, &(struct change) {
        .order_id = order_id, .payment_id = payment_id, .action = action, .body = body,
    });
}

void history_announce(struct ctx *ctx, const struct payment *payment, enum domain_event event,
                      struct bytes payload)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "event", domain_event_name(event));
    store_history_insert(ctx, &(struct change) {
        .order_id = payment->order_id,
        .payment_id = payment->id,
        .action = "announced",
        .body = json_out_end(&body),
        .event = event,
        .payload = payload,
    });
}

/* Events are kept for ever and never change, so personal data stays in the order alone. */
static struct order without_personal_data(const struct order *order)
{
    struct order copy = *order;

    copy.customer_email[0] = '\0';
    return copy;
}

void history_order_created(struct ctx *ctx, const struct order *order)
{
    const struct order told = without_personal_data(order);
    struct text body = json_out_begin(ctx->arena);

    json_out_i64(&body, "amountMinor", order->amount.minor);
    json_out_text(&body, "currency", order->amount.currency);
    store_history_insert(ctx, &(struct change) {
        .order_id = order->id,
        .action = "order.created",
        .body = json_out_end(&body),
        .event = DOMAIN_EVENT_ORDER_CREATED,
        .payload = order_json(ctx, &told),
    });
}

void history_payment_created(struct ctx *ctx, const struct payment *payment)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_i64(&body, "amountMinor", payment->amount.minor);
    json_out_text(&body, "currency", payment->amount.currency);
    json_out_text(&body, "provider", payment->provider);
    store_history_insert(ctx, &(struct change) {
        .order_id = payment->order_id,
        .payment_id = payment->id,
        .action = "payment.created",
        .body = json_out_end(&body),
        .event = DOMAIN_EVENT_PAYMENT_CREATED,
        .payload = payment_json(ctx, payment),
    });
}

void history_webhooks_rejected(struct ctx *ctx, const struct rejected_webhooks *sum)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "cause", sum->cause);
    json_out_i64(&body, "count", sum->count);
    json_out_i64(&body, "bodyBytes", sum->body_bytes);
    json_out_time(&body, "since", sum->since_ms);
    store_history_insert(ctx, &(struct change) { .action = "webhook.rejected",
                                                 .body = json_out_end(&body) });
}

void history_webhook_replayed(struct ctx *ctx, struct inbox_id id)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "inboxId", id.text);
    store_history_insert(ctx, &(struct change) { .action = "webhook.replayed",
                                                 .body = json_out_end(&body) });
}

/* --- Answers to our calls --------------------------------------------------------------------- */

static void put_answer(struct text *body, const struct call_answer *answer)
{
    json_out_text(body, "call", answer->call->id.text);
    json_out_i64(body, "attempt", answer->call->attempts);
    json_out_text(body, "verdict", provider_verdict_name(answer->verdict));
    json_out_i64(body, "httpStatus", answer->reply->http_status);
    json_out_text(body, "requestId", answer->reply->request_id);
}

void history_tell_answer(struct text *body, struct call_answer *answer)
{
    if (answer == NULL || answer->told)
        return;
    json_out_object(body, "answer");
    json_out_text(body, "operation",
                  provider_operation_name(answer->call->request.operation));
    put_answer(body, answer);
    json_out_object_end(body);
    answer->told = true;
}

void history_call_recorded(struct ctx *ctx, struct call_answer *answer, struct order_id order_id)
{
    struct text body = json_out_begin(ctx->arena);

    if (answer->told)
        return;
    put_answer(&body, answer);
    note(ctx, order_id, answer->call->payment_id,
         arena_printf(ctx->arena, "call.%s",
                      provider_operation_name(answer->call->request.operation)),
         json_out_end(&body));
    answer->told = true;
}

/* --- Payments --------------------------------------------------------------------------------- */

static struct bytes change_body(struct ctx *ctx, const struct payment *before,
                                const struct payment *after, struct change_source source)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "from", payment_status_name(before->status));
    json_out_text(&body, "to", payment_status_name(after->status));
    json_out_text(&body, "source", change_source_text(source));
    json_out_i64(&body, "capturedMinor", after->facts.captured_minor);
    json_out_i64(&body, "refundedMinor", after->facts.refunded_minor);
    json_out_text(&body, "closed", payment_close_name(after->facts.closed));
    json_out_text(&body, "progress", payment_progress_name(after->facts.snapshot.progress));
    json_out_text(&body, "providerRef", after->provider_ref);
    json_out_text(&body, "providerIntent", after->provider_intent);
    if (after->surplus)
        json_out_text(&body, "surplus", "yes");
    if (after->not_begun)
        json_out_text(&body, "notBegun", "yes");
    if (after->needs_review)
        json_out_text(&body, "review", after->review_reason);
    history_tell_answer(&body, source.answer);
    return json_out_end(&body);
}

/* Surplus money completes nothing: it is refunded or written off, and the review reports it. */
static enum domain_event event_of_change(const struct payment *before, const struct payment *after)
{
    enum domain_event type = domain_event_of_transition(before->status, after->status);

    return after->surplus && type == DOMAIN_EVENT_PAYMENT_COMPLETED ? DOMAIN_EVENT_NONE : type;
}

void history_payment_changed(struct ctx *ctx, const struct payment *before,
                             const struct payment *after, struct change_source source)
{
    enum domain_event event = event_of_change(before, after);

    payment_count_change(after, event);
    store_history_insert(ctx, &(struct change) {
        .order_id = after->order_id,
        .payment_id = after->id,
        .action = before->status == after->status ? "facts" : "status",
        .body = change_body(ctx, before, after, source),
        .event = event,
        .payload = event != DOMAIN_EVENT_NONE ? payment_json(ctx, after) : (struct bytes) { 0 },
    });
    if (review_is_new(before, after))
        history_announce(ctx, after, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED, payment_json(ctx, after));
}

void history_payment_gave_way(struct ctx *ctx, struct order_id order_id, struct payment_id id,
                              struct payment_id to)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "paidBy", to.text);
    note(ctx, order_id, id, "gave_way", json_out_end(&body));
}

/*
 * The payment pays its new order, but the transition has no event: a surplus completes unannounced.
 */
static bool completes_untold(const struct payment *before, const struct payment *after)
{
    return order_status_after(ORDER_OPEN, after->status) == ORDER_PAID
        && domain_event_of_transition(before->status, after->status) == DOMAIN_EVENT_NONE;
}

void history_payment_attached(struct ctx *ctx, const struct payment *before,
                              const struct payment *after)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "fromOrder", before->order_id.text);
    json_out_text(&body, "toOrder", after->order_id.text);
    json_out_i64(&body, "capturedMinor", after->facts.captured_minor);
    json_out_i64(&body, "dueMinor", after->amount.minor);
    store_history_insert(ctx, &(struct change) {
        .order_id = after->order_id,
        .payment_id = after->id,
        .action = "attached",
        .body = json_out_end(&body),
        .event = DOMAIN_EVENT_PAYMENT_ATTACHED,
        .payload = payment_json_with(ctx, after, "previousOrderId", before->order_id.text),
    });
    history_payment_changed(ctx, before, after, change_source_of(SOURCE_REVIEW));
    if (completes_untold(before, after))
        history_announce(ctx, after, DOMAIN_EVENT_PAYMENT_COMPLETED, payment_json(ctx, after));
}

void history_payment_reviewed(struct ctx *ctx, const struct payment *payment, const char *verdict,
                              const char *reason)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "verdict", verdict);
    json_out_text(&body, "reason", reason);
    json_out_text(&body, "asked", payment->review_reason);
    note(ctx, payment->order_id, payment->id, "reviewed", json_out_end(&body));
}

void history_call_given_up(struct ctx *ctx, const struct provider_call *call,
                           struct order_id order_id)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "call", call->id.text);
    json_out_text(&body, "operation", provider_operation_name(call->request.operation));
    json_out_i64(&body, "attempts", call->attempts);
    note(ctx, order_id, call->payment_id, "call.given_up", json_out_end(&body));
}

void history_finding_explained(struct ctx *ctx, const struct found_finding *found,
                               const char *reason)
{
    const struct finding *finding = &found->finding;
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "reconciliation", found->reconciliation_id);
    json_out_i64(&body, "finding", finding->number);
    json_out_text(&body, "kind", book_difference_name(finding->kind));
    json_out_text(&body, "object", book_object_name(finding->object));
    json_out_text(&body, "externalId", finding->ref);
    json_out_text(&body, "reason", reason);
    note(ctx, finding->owner.order_id, finding->owner.payment_id, "finding.explained",
         json_out_end(&body));
}
