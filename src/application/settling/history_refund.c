/* The history of a refund, and the events that announce it. */
#include "history_refund.h"

#include "base/json_out.h"
#include "history.h"

static struct text begin_body(struct ctx *ctx, const struct refund *refund)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "refund", refund->id.text);
    json_out_i64(&body, "amountMinor", refund->amount.minor);
    json_out_text(&body, "currency", refund->amount.currency);
    return body;
}

void history_refund_created(struct ctx *ctx, const struct payment *payment,
                            const struct refund *refund)
{
    struct text body = begin_body(ctx, refund);

    json_out_text(&body, "origin", refund_origin_name(refund->origin));
    json_out_text(&body, "reason", refund->reason);
    json_out_text(&body, "providerRef", refund->provider_ref);
    store_history_insert(ctx, &(struct change) {
        .order_id = payment->order_id,
        .payment_id = payment->id,
        .action = "refund.created",
        .body = json_out_end(&body),
        .event = DOMAIN_EVENT_REFUND_CREATED,
        .payload = refund_json(ctx, refund),
    });
}

/* A cancelled refund emits refund.failed too; its status shows the difference. */
static enum domain_event event_of(enum refund_status from, enum refund_status to)
{
    if (from == to)
        return DOMAIN_EVENT_NONE;
    switch (to) {
    case REFUND_PENDING:
    case REFUND_REQUIRES_ACTION: return DOMAIN_EVENT_NONE;
    case REFUND_SUCCEEDED:       return DOMAIN_EVENT_REFUND_SUCCEEDED;
    case REFUND_CANCELLED:
    case REFUND_FAILED:          return DOMAIN_EVENT_REFUND_FAILED;
    }
    __builtin_unreachable();
}

void history_refund_changed(struct ctx *ctx, const struct payment *payment,
                            const struct refund *before, const struct refund *after,
                            struct change_source source)
{
    struct text body = begin_body(ctx, after);

    json_out_text(&body, "from", refund_status_name(before->status));
    json_out_text(&body, "to", refund_status_name(after->status));
    json_out_text(&body, "source", change_source_text(source));
    json_out_text(&body, "providerRef", after->provider_ref);
    json_out_text(&body, "failureReason", after->failure_reason);
    history_tell_answer(&body, source.answer);
    store_history_insert(ctx, &(struct change) {
        .order_id = payment->order_id,
        .payment_id = payment->id,
        .action = before->status == after->status ? "refund.facts" : "refund.status",
        .body = json_out_end(&body),
        .event = event_of(before->status, after->status),
        .payload = refund_json(ctx, after),
    });
}
