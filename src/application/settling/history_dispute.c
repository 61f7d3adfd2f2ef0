/* The history of a dispute, and the events that announce it. */
#include "history_dispute.h"

#include "base/json_out.h"
#include "history.h"

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

static bool is_over(enum dispute_status status)
{
    return status != DISPUTE_OPEN && status != DISPUTE_INQUIRY;
}

static enum domain_event event_of(enum dispute_status from, enum dispute_status to)
{
    if (from == to)
        return DOMAIN_EVENT_NONE;
    if (from == DISPUTE_NONE || to == DISPUTE_OPEN)
        return DOMAIN_EVENT_DISPUTE_OPENED;
    return is_over(to) ? DOMAIN_EVENT_DISPUTE_CLOSED : DOMAIN_EVENT_NONE;
}

void history_dispute_changed(struct ctx *ctx, const struct payment *payment,
                             const struct dispute *before, const struct dispute *after,
                             struct change_source source)
{
    enum dispute_status from = status_of(before), to = status_of(after);

    store_history_insert(ctx, &(struct change) {
        .order_id = payment->order_id,
        .payment_id = payment->id,
        .action = action_of(before, after),
        .body = body_of(ctx, before, after, source),
        .event = event_of(from, to),
        .payload = dispute_json(ctx, after),
    });
    if (from == DISPUTE_NONE && is_over(to))
        history_announce(ctx, payment, DOMAIN_EVENT_DISPUTE_CLOSED, dispute_json(ctx, after));
}
