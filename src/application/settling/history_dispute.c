/* Audit rows and domain events of a dispute. */
#include "history_dispute.h"

#include <inttypes.h>

#include "base/text.h"

static void append_text(struct text *json, const char *name, const char *value)
{
    text_printf(json, ",\"%s\":", name);
    text_append_json_string(json, value);
}

static enum dispute_status status_of(const struct dispute *dispute)
{
    return dispute != NULL ? dispute->facts.fact.status : DISPUTE_NONE;
}

/* Ids, amounts and our own words need no escaping; what a provider wrote does. */
static struct bytes body_of(struct ctx *ctx, const struct dispute *before,
                            const struct dispute *after, struct change_source source)
{
    const struct dispute_facts *facts = &after->facts;
    struct text json = text_new(ctx->arena);

    text_printf(&json, "{\"dispute\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"", after->id.text,
                dispute_status_name(status_of(before)), dispute_status_name(status_of(after)));
    text_printf(&json, ",\"amountMinor\":%" PRId64 ",\"currency\":\"%s\"", facts->amount_minor,
                after->currency);
    text_printf(&json, ",\"withdrawnMinor\":%" PRId64 ",\"reinstatedMinor\":%" PRId64,
                facts->withdrawn_minor, facts->reinstated_minor);
    append_text(&json, "source", change_source_text(source));
    append_text(&json, "providerRef", after->provider_ref);
    append_text(&json, "providerStatus", facts->provider_status);
    append_text(&json, "reason", facts->reason);
    text_append_char(&json, '}');
    return text_bytes(&json);
}

static const char *action_of(const struct dispute *before, const struct dispute *after)
{
    if (before == NULL)
        return "dispute.created";
    return status_of(before) == status_of(after) ? "dispute.facts" : "dispute.status";
}

static void announce(struct ctx *ctx, const struct payment *payment, const struct dispute *dispute,
                     enum domain_event type)
{
    store_outbox_insert(ctx, payment->order_id, payment->id, type, dispute_json(ctx, dispute));
}

void history_dispute_changed(struct ctx *ctx, const struct payment *payment,
                             const struct dispute *before, const struct dispute *after,
                             struct change_source source)
{
    enum dispute_status from = status_of(before), to = status_of(after);

    store_audit_insert(ctx, payment->order_id, payment->id, action_of(before, after),
                       body_of(ctx, before, after, source));
    if (from == to)
        return;
    if (from == DISPUTE_NONE || to == DISPUTE_OPEN)
        announce(ctx, payment, after, DOMAIN_EVENT_DISPUTE_OPENED);
    if (to != DISPUTE_OPEN && to != DISPUTE_INQUIRY)
        announce(ctx, payment, after, DOMAIN_EVENT_DISPUTE_CLOSED);
}
