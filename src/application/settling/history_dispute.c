/* Audit rows and domain events of a dispute. */
#include "history_dispute.h"

#include "base/json_out.h"

static enum dispute_status status_of(const struct dispute *dispute)
{
    return dispute != NULL ? dispute->facts.fact.status : DISPUTE_NONE;
}

static struct bytes body_of(struct ctx *ctx, const struct dispute *before,
                            const struct dispute *after, struct change_source source)
{
    const struct dispute_facts *facts = &after->facts;
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "dispute", after->id.text);
    json_out_text(&body, "from", dispute_status_name(status_of(before)));
    json_out_text(&body, "to", dispute_status_name(status_of(after)));
    json_out_i64(&body, "amountMinor", facts->amount_minor);
    json_out_text(&body, "currency", after->currency);
    json_out_i64(&body, "withdrawnMinor", facts->withdrawn_minor);
    json_out_i64(&body, "reinstatedMinor", facts->reinstated_minor);
    json_out_text(&body, "source", change_source_text(source));
    json_out_text(&body, "providerRef", after->provider_ref);
    json_out_text(&body, "providerStatus", facts->provider_status);
    json_out_text(&body, "reason", facts->reason);
    return json_out_end(&body);
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
