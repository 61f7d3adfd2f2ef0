/*
 * Translates Stripe's events into our terms (docs/reliability.md section 3.3). An event is a fact
 * about the past, delivered at least once and in any order; only money that arrived and pages that
 * ended are final.
 */
#include <assert.h>

#include "infrastructure/providers/stripe/stripe_documents.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

enum meaning {
    MEANS_SESSION_COMPLETE,     /* paid, or an asynchronous method under way: see payment_status */
    MEANS_CAPTURED,
    MEANS_PROCESSING,
    MEANS_REQUIRES_ACTION,
    MEANS_FAILED,               /* soft: the page is open, the payer may try another card */
    MEANS_FAILED_FOR_GOOD,      /* the session is complete: it takes no further attempt */
    MEANS_EXPIRED,
    MEANS_CANCELLED,  /* by somebody, or with the expired page: see cancellation_reason */
    MEANS_REFUND,
    MEANS_REFUNDS_OF_CHARGE,    /* only old API versions put the refunds into the charge */
    MEANS_DISPUTE,
    MEANS_FUNDS_WITHDRAWN,      /* a dispute too; of the whole amount if it names no movements */
    MEANS_FUNDS_REINSTATED,
    MEANS_LATER
};

/*
 * The only table of Stripe's event types: those understood here and asked for in the list of
 * events. amount is what arrived, where Stripe distinguishes that from what was asked for.
 */
static const struct event_kind {
    const char  *type;
    const char  *object;        /* what data.object must be; NULL: anything */
    const char  *amount;        /* its member that names the amount */
    enum meaning meaning;
} kinds[] = {
    { "checkout.session.completed", "checkout.session", "amount_total", MEANS_SESSION_COMPLETE },
    { "checkout.session.async_payment_succeeded", "checkout.session", "amount_total",
      MEANS_CAPTURED },
    { "checkout.session.async_payment_failed", "checkout.session", "amount_total",
      MEANS_FAILED_FOR_GOOD },
    { "checkout.session.expired", "checkout.session", "amount_total", MEANS_EXPIRED },
    { "payment_intent.succeeded", "payment_intent", "amount_received", MEANS_CAPTURED },
    { "payment_intent.processing", "payment_intent", "amount", MEANS_PROCESSING },
    { "payment_intent.requires_action", "payment_intent", "amount", MEANS_REQUIRES_ACTION },
    { "payment_intent.payment_failed", "payment_intent", "amount", MEANS_FAILED },
    { "payment_intent.canceled", "payment_intent", "amount", MEANS_CANCELLED },
    { "refund.created", "refund", NULL, MEANS_REFUND },
    { "refund.updated", "refund", NULL, MEANS_REFUND },
    { "refund.failed", "refund", NULL, MEANS_REFUND },
    { "charge.refund.updated", "refund", NULL, MEANS_REFUND },
    { "charge.refunded", "charge", NULL, MEANS_REFUNDS_OF_CHARGE },
    { "charge.dispute.created", "dispute", NULL, MEANS_DISPUTE },
    { "charge.dispute.updated", "dispute", NULL, MEANS_DISPUTE },
    { "charge.dispute.closed", "dispute", NULL, MEANS_DISPUTE },
    { "charge.dispute.funds_withdrawn", "dispute", NULL, MEANS_FUNDS_WITHDRAWN },
    { "charge.dispute.funds_reinstated", "dispute", NULL, MEANS_FUNDS_REINSTATED },
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))
static_assert(KIND_COUNT <= 20, "Stripe's list takes at most 20 types at once");

/*
 * Types that Stripe may add: any that begins so and is not above. Stripe's list of events takes
 * full names only.
 */
static const struct event_kind families[] = {
    { "refund.", NULL, NULL, MEANS_LATER },
    { "charge.dispute.", "dispute", NULL, MEANS_DISPUTE },
};

static const char              *foreign_because(const json_t *event);
static const struct event_kind *kind_of(const json_t *event);
static void read_payment(struct arena *arena, const json_t *event, const struct event_kind *kind,
                         struct provider_event *event_out);

/* Ids with replacement marks (foreign_json.h) could not be told apart, so they are refused. */
static bool is_name(const char *id)
{
    for (const char *at = id; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~' || *at == '?')
            return false;
    return id[0] != '\0';
}

static const struct problem *no_event(struct ctx *ctx)
{
    return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST, "The body is not a Stripe event.");
}

const struct problem *stripe_read_webhook(struct ctx *ctx, struct bytes raw_body,
                                          struct provider_event *event_out)
{
    const json_t *event = foreign_json_object(ctx->arena, raw_body);
    struct provider_event read = { .kind = PROVIDER_EVENT_UNUSED };
    const struct event_kind *kind;

    document_copy(read.id, sizeof(read.id), document_text(event, "id"));
    document_copy(read.type, sizeof(read.type), document_text(event, "type"));
    if (!is_name(read.id))
        return no_event(ctx);
    if (!document_is(event, "object", "event") && !document_is(event, "object", "v2.core.event"))
        return no_event(ctx);
    read.livemode = json_is_true(json_object_get(event, "livemode"));
    (void) document_time(event, "created", &read.created_s);
    read.unused_because = foreign_because(event);
    kind = read.unused_because == NULL ? kind_of(event) : NULL;
    if (kind != NULL)
        read_payment(ctx->arena, event, kind, &read);
    *event_out = read;
    return OK;
}

/* --- Which event --------------------------------------------------------------------------- */

/* Why the event cannot concern a payment of ours, whatever its type; NULL: it can. */
static const char *foreign_because(const json_t *event)
{
    if (!document_is(event, "object", "event"))
        return "thin event: it holds no object";
    if (document_text(event, "account")[0] != '\0')
        return "of a connected account, whose money is not ours";
    return NULL;
}

/* NULL: we do not use this type. */
static const struct event_kind *kind_of(const json_t *event)
{
    const char *type = document_text(event, "type");

    for (size_t i = 0; i < KIND_COUNT; i++)
        if (strcmp(type, kinds[i].type) == 0)
            return &kinds[i];
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (strncmp(type, families[i].type, strlen(families[i].type)) == 0)
            return &families[i];
    return NULL;
}

void stripe_write_event_types(struct text *query)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        text_printf(query, "&types[]=%s", kinds[i].type);
}

/* --- What it reports ----------------------------------------------------------------------- */

static void set_progress(struct provider_event *event, enum payment_progress progress)
{
    event->payment.facts.snapshot.progress = progress;
    event->payment.facts.snapshot.at_s = event->created_s;
}

/* Money whose amount we cannot read is not a fact yet: the inbox job must ask. */
static void set_captured(struct provider_event *event)
{
    event->payment.facts.captured_minor = event->payment.amount_minor;
    event->payment.captured_at_s = event->created_s;
    event->says_paid = true;
    if (event->payment.amount_minor == 0)
        event->kind = PROVIDER_EVENT_LATER;
}

static void set_failed(struct provider_event *event, const json_t *object)
{
    struct payment_snapshot *snapshot = &event->payment.facts.snapshot;

    set_progress(event, PROGRESS_FAILED);
    stripe_read_failure(json_object_get(object, "last_payment_error"), snapshot->failure_code,
                        snapshot->failure_reason);
}

static void set_session_complete(struct provider_event *event, const json_t *session)
{
    if (document_is(session, "payment_status", "paid"))
        set_captured(event);
    else if (document_is(session, "payment_status", "unpaid"))
        set_progress(event, PROGRESS_PROCESSING);
    else
        event->kind = PROVIDER_EVENT_LATER;
}

/* A refund that cannot be read is kept: the inbox job asks for the payment's refunds. */
static void set_refund(struct provider_event *event, const json_t *object)
{
    event->kind = stripe_read_refund(object, &event->refund) ? PROVIDER_EVENT_REFUND
                                                             : PROVIDER_EVENT_LATER;
    if (!refund_holds_money(event->refund.status))
        event->refund.at_s = event->created_s;          /* it failed now, not when it was made */
    event->refund.livemode = event->livemode;
}

static void set_refunds(struct arena *arena, struct provider_event *event, const json_t *charge)
{
    struct provider_refund *refunds;
    bool more;
    int count;

    event->kind = PROVIDER_EVENT_LATER;
    if (!stripe_read_refunds(arena, json_object_get(charge, "refunds"), &refunds, &count, &more)
        || count == 0 || more)
        return;
    for (int i = 0; i < count; i++)
        refunds[i].livemode = event->livemode;
    event->kind = PROVIDER_EVENT_REFUND;
    event->refund = refunds[0];
    event->more_refunds = refunds + 1;
    event->more_refund_count = count - 1;
}

/* A dispute that cannot be read is kept: the inbox job asks for the payment's disputes. */
static void set_dispute(struct provider_event *event, const json_t *object, enum meaning meaning)
{
    struct dispute_facts *facts = &event->dispute.facts;


    event->kind = PROVIDER_EVENT_LATER;
    if (!stripe_read_dispute(object, event->created_s * 1000, &event->dispute))
        return;
    event->kind = PROVIDER_EVENT_DISPUTE;
    event->dispute.livemode = event->livemode;
    memcpy(event->payment.intent, event->dispute.intent, sizeof(event->payment.intent));
    if (meaning != MEANS_DISPUTE && facts->withdrawn_minor == 0)
        facts->withdrawn_minor = facts->amount_minor;
    if (meaning == MEANS_FUNDS_REINSTATED && facts->reinstated_minor == 0)
        facts->reinstated_minor = facts->withdrawn_minor;
}

/*
 * A page that expires also cancels the intent of a declined attempt: nobody cancelled that.
 * Source: docs.stripe.com/api/payment_intents/object (cancellation_reason: given by a user, or
 * generated).
 */
static enum payment_close why_canceled(const json_t *intent)
{
    static const char *const by_somebody[] = { "duplicate", "fraudulent", "requested_by_customer",
                                               "abandoned" };

    for (size_t i = 0; i < sizeof(by_somebody) / sizeof(by_somebody[0]); i++)
        if (document_is(intent, "cancellation_reason", by_somebody[i]))
            return PAYMENT_CLOSED_CANCELLED;
    return PAYMENT_CLOSED_EXPIRED;
}

static void set_facts(struct arena *arena, struct provider_event *event, enum meaning meaning,
                      const json_t *object)
{
    struct payment_facts *facts = &event->payment.facts;

    switch (meaning) {
    case MEANS_SESSION_COMPLETE:        set_session_complete(event, object); break;
    case MEANS_CAPTURED:                set_captured(event); break;
    case MEANS_PROCESSING:              set_progress(event, PROGRESS_PROCESSING); break;
    case MEANS_REQUIRES_ACTION:         set_progress(event, PROGRESS_REQUIRES_ACTION); break;
    case MEANS_FAILED_FOR_GOOD:         facts->closed = PAYMENT_CLOSED_FAILED;  /* fall through */
    case MEANS_FAILED:                  set_failed(event, object); break;
    case MEANS_EXPIRED:                 facts->closed = PAYMENT_CLOSED_EXPIRED; break;
    case MEANS_CANCELLED:               facts->closed = why_canceled(object); break;
    case MEANS_REFUND:                  set_refund(event, object); break;
    case MEANS_REFUNDS_OF_CHARGE:       set_refunds(arena, event, object); break;
    case MEANS_DISPUTE:
    case MEANS_FUNDS_WITHDRAWN:
    case MEANS_FUNDS_REINSTATED:        set_dispute(event, object, meaning); break;
    case MEANS_LATER:                   event->kind = PROVIDER_EVENT_LATER; break;
    }
}

/* All our charges have an intent: a refund or dispute of one without is another program's. */
static bool is_of_a_bare_charge(const json_t *object, const struct provider_event *event)
{
    return json_is_null(json_object_get(object, "payment_intent")) &&
           stripe_id(json_object_get(object, "charge"), "payment_intent")[0] == '\0' &&
           event->payment.payment_id.text[0] == '\0' && event->payment.ref[0] == '\0';
}

/* If the object is not of the kind that the type promises, the event is kept, not guessed at. */
static void read_payment(struct arena *arena, const json_t *event, const struct event_kind *kind,
                         struct provider_event *event_out)
{
    const json_t *object = json_object_get(json_object_get(event, "data"), "object");
    const bool fits = kind->object == NULL || document_is(object, "object", kind->object);

    event_out->kind = PROVIDER_EVENT_PAYMENT;
    event_out->payment.livemode = event_out->livemode;
    stripe_read_references(object, &event_out->payment);
    if (is_of_a_bare_charge(object, event_out)) {
        event_out->kind = PROVIDER_EVENT_UNUSED;
        event_out->unused_because = "of a charge without a payment intent, which none of ours is";
        return;
    }
    if (kind->amount != NULL)
        stripe_read_amount(object, kind->amount, &event_out->payment);
    set_facts(arena, event_out, fits ? kind->meaning : MEANS_LATER, object);
}
