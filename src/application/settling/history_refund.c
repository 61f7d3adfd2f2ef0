/* Audit rows and domain events of a refund. */
#include "history_refund.h"

#include <inttypes.h>

#include "base/text.h"

/* Ids, amounts and the words of enums need no escaping; what a provider wrote does. */
static void append_text(struct text *json, const char *name, const char *value)
{
    text_printf(json, ",\"%s\":", name);
    text_append_json_string(json, value);
}

static struct text begin_body(struct ctx *ctx, const struct refund *refund)
{
    struct text json = text_new(ctx->arena);

    text_printf(&json, "{\"refund\":\"%s\",\"amountMinor\":%" PRId64 ",\"currency\":\"%s\"",
                refund->id.text, refund->amount.minor, refund->amount.currency);
    return json;
}

static struct bytes end_body(struct text *json)
{
    text_append_char(json, '}');
    return text_bytes(json);
}

static void announce(struct ctx *ctx, const struct payment *payment, const struct refund *refund,
                     enum domain_event type)
{
    if (type != DOMAIN_EVENT_NONE)
        store_outbox_insert(ctx, payment->order_id, payment->id, type, refund_json(ctx, refund));
}

void history_refund_created(struct ctx *ctx, const struct payment *payment,
                            const struct refund *refund)
{
    struct text body = begin_body(ctx, refund);

    append_text(&body, "origin", refund_origin_name(refund->origin));
    append_text(&body, "reason", refund->reason);
    append_text(&body, "providerRef", refund->provider_ref);
    store_audit_insert(ctx, payment->order_id, payment->id, "refund.created", end_body(&body));
    announce(ctx, payment, refund, DOMAIN_EVENT_REFUND_CREATED);
}

/* A refund that was cancelled did not go through either; its status tells the difference. */
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

    append_text(&body, "from", refund_status_name(before->status));
    append_text(&body, "to", refund_status_name(after->status));
    append_text(&body, "source", change_source_text(source));
    append_text(&body, "providerRef", after->provider_ref);
    append_text(&body, "failureReason", after->failure_reason);
    store_audit_insert(ctx, payment->order_id, payment->id,
                       before->status == after->status ? "refund.facts" : "refund.status",
                       end_body(&body));
    announce(ctx, payment, after, event_of(before->status, after->status));
}
