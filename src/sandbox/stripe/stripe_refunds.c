/* Makes, lists, cancels and settles refunds, with their events. */
#include "stripe_refunds.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/http/params.h"
#include "sandbox/kit/alloc.h"
#include "stripe_balance.h"
#include "stripe_disputes.h"
#include "stripe_events.h"
#include "stripe_list.h"
#include "stripe_render.h"
#include "stripe_sessions.h"

static void emit_refund(struct stripe *stripe, const char *type, const struct stripe_refund *refund,
                        const char *previous_status)
{
    json_t *previous = previous_status == NULL ? NULL
                     : json_pack("{s:s}", "status", previous_status);

    stripe_event_emit(stripe, type, refund->charge->intent->session, stripe_render_refund(refund),
                      previous);
}

struct stripe_refusal stripe_refund_check(const struct stripe_intent *intent, int64_t amount,
                                          int64_t *amount_out)
{
    const struct stripe_charge *charge = intent->latest_charge;
    int64_t                     rest;

    if (charge == NULL || charge->status != CHARGE_SUCCEEDED)
        return (struct stripe_refusal) { "charge_not_refundable",
            "This PaymentIntent does not have a successful charge to refund." };
    if (charge->dispute != NULL && charge->dispute->is_withdrawn &&
        !charge->dispute->is_reinstated)
        return (struct stripe_refusal) { "charge_disputed",
            "This charge has been charged back: it cannot be refunded." };
    rest = intent->session->amount - charge->amount_refunded;
    if (rest == 0)
        return (struct stripe_refusal) { "charge_already_refunded",
            "Charge has already been refunded." };
    if (amount > rest)
        return (struct stripe_refusal) { "amount_too_large",
            "Refund amount is greater than unrefunded amount on charge." };
    *amount_out = amount == 0 ? rest : amount;
    return (struct stripe_refusal) { NULL, NULL };
}

/* Money leaves our balance when the refund is on its way, and comes back when it fails. */
static void note_money(struct stripe *stripe, struct stripe_refund *refund)
{
    bool is_out = refund->status == REFUND_PENDING || refund->status == REFUND_SUCCEEDED;

    if (is_out && refund->movement == NULL)
        refund->movement = stripe_balance_add(stripe, MOVEMENT_REFUND, refund->charge,
                                              &refund->item, -refund->amount);
    if (refund->status == REFUND_SUCCEEDED)
        refund->succeeded_at_s = stripe_now_s(stripe);
    if (refund->status == REFUND_FAILED)
        refund->failed_at_s = stripe_now_s(stripe);
    if (refund->status == REFUND_FAILED && refund->movement != NULL)
        refund->failure = stripe_balance_add(stripe, MOVEMENT_REFUND_FAILURE, refund->charge,
                                             &refund->item, refund->amount);
}

struct stripe_refund *stripe_refund_make(struct stripe *stripe, struct stripe_intent *intent,
                                         int64_t amount, const char *reason, json_t *metadata)
{
    struct stripe_refund *refund = alloc_new(1, sizeof *refund);
    struct stripe_charge *charge = intent->latest_charge;

    collection_add(&stripe->refunds, &refund->item, "re_", 24, stripe_now_s(stripe));
    refund->charge = charge;
    refund->amount = amount;
    refund->reason = reason;
    refund->metadata = metadata;
    refund->next = intent->refunds;
    intent->refunds = refund;
    charge->amount_refunded += amount;
    refund->status = stripe->refund_outcome == REFUND_FAILED ? REFUND_PENDING
                                                             : stripe->refund_outcome;
    note_money(stripe, refund);
    emit_refund(stripe, "refund.created", refund, NULL);
    stripe_event_emit(stripe, "charge.refunded", intent->session, stripe_render_charge(charge),
                      NULL);
    if (charge->amount_refunded == intent->session->amount)
        stripe_dispute_end_inquiry(stripe, charge);
    if (stripe->refund_outcome == REFUND_FAILED)
        stripe_refund_settle(stripe, refund, REFUND_FAILED);
    else if (stripe->refund_fails_after_s > 0)
        stripe_refund_fail_at(stripe, refund,
                              refund->item.created_s + stripe->refund_fails_after_s);
    else if (moods_strike(faults_moods(stripe->faults), MOOD_REFUND_FAILS))
        stripe_refund_fail_at(stripe, refund,
                              refund->item.created_s + MOOD_REFUND_FAILS_AFTER_S);
    return refund;
}

/* The allowed changes of a refund's status; no others can happen. */
static const struct { enum refund_status from, to; } settlements[] = {
    { REFUND_PENDING,         REFUND_SUCCEEDED },
    { REFUND_PENDING,         REFUND_FAILED    },
    { REFUND_REQUIRES_ACTION, REFUND_SUCCEEDED },
    { REFUND_REQUIRES_ACTION, REFUND_FAILED    },
    { REFUND_REQUIRES_ACTION, REFUND_CANCELED  },
    { REFUND_SUCCEEDED,       REFUND_FAILED    },   /* the bank sent it back, days later */
};

const char *stripe_refund_settle(struct stripe *stripe, struct stripe_refund *refund,
                                 enum refund_status status)
{
    const char *previous = refund_status_name(refund->status);
    size_t      row = 0, count = sizeof settlements / sizeof settlements[0];

    while (row < count &&
           (settlements[row].from != refund->status || settlements[row].to != status))
        row++;
    if (row == count)
        return "The refund cannot go from its present status to that one.";
    refund->status = status;
    if (status != REFUND_SUCCEEDED)
        refund->charge->amount_refunded -= refund->amount;
    if (status == REFUND_FAILED)
        refund->failure_reason = "expired_or_canceled_card";
    note_money(stripe, refund);
    emit_refund(stripe, "refund.updated", refund, previous);
    if (status == REFUND_FAILED)
        emit_refund(stripe, "refund.failed", refund, NULL);
    return NULL;
}

void stripe_refund_fail_at(struct stripe *stripe, struct stripe_refund *refund, int64_t at_s)
{
    refund->fails_at_s = at_s;
    heap_push(&stripe->failing, at_s, refund);
}

void stripe_refunds_settle_due(struct stripe *stripe)
{
    int64_t                 now_s = sandbox_clock_now_s(stripe->clock);
    const struct heap_item *first;

    while ((first = heap_first(&stripe->failing)) != NULL && first->at <= now_s)
        stripe_refund_settle(stripe, heap_pop(&stripe->failing), REFUND_FAILED);
}

/* The intent named by payment_intent or by charge; NULL when the call was answered. */
static struct stripe_intent *read_intent(struct stripe_call *call)
{
    const char           *intent_id = url_form_find(call->form, "payment_intent");
    const char           *charge_id = url_form_find(call->form, "charge");
    struct stripe_intent *intent;
    struct stripe_charge *charge;

    if ((intent_id == NULL) == (charge_id == NULL)) {
        stripe_reject(call, intent_id == NULL ? "parameter_missing" : NULL, "payment_intent",
                      "One of the following params should be provided for this request: "
                      "payment_intent or charge.");
        return NULL;
    }
    if (intent_id != NULL) {
        intent = collection_find(&call->stripe->intents, intent_id);
        if (intent == NULL)
            stripe_fail_missing(call, "payment_intent", intent_id, "payment_intent");
        return intent;
    }
    charge = collection_find(&call->stripe->charges, charge_id);
    if (charge == NULL)
        stripe_fail_missing(call, "charge", charge_id, "charge");
    return charge == NULL ? NULL : charge->intent;
}

static bool read_amount(struct stripe_call *call, int64_t *amount_out)
{
    const char *text = url_form_find(call->form, "amount");

    *amount_out = 0;
    if (text == NULL || (params_read_integer(text, amount_out) && *amount_out > 0))
        return true;
    stripe_reject(call, "parameter_invalid_integer", "amount",
                  "This value must be greater than or equal to 1.");
    return false;
}

/* The same words as static text: they outlive the form. */
static const char *read_reason(const struct url_form *form)
{
    static const char *const reasons[] = { "duplicate", "fraudulent", "requested_by_customer" };
    const char *reason = url_form_find(form, "reason");

    for (size_t i = 0; reason != NULL && i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i], reason) == 0)
            return reasons[i];
    return NULL;
}

void stripe_refunds_create(struct stripe_call *call)
{
    struct stripe_intent *intent;
    struct stripe_refusal refusal;
    int64_t               amount;

    if (!read_amount(call, &amount) || (intent = read_intent(call)) == NULL)
        return;
    refusal = stripe_refund_check(intent, amount, &amount);
    if (refusal.message != NULL) {
        stripe_fail(call, 400, refusal.code, amount == 0 ? NULL : "amount", "%s", refusal.message);
        return;
    }
    stripe_answer(call, stripe_render_refund(
        stripe_refund_make(call->stripe, intent, amount, read_reason(call->form),
                           stripe_read_metadata(call->form, "metadata"))));
}

static struct stripe_refund *find_refund(struct stripe_call *call)
{
    struct stripe_refund *refund = collection_find(&call->stripe->refunds, call->id);

    if (refund == NULL)
        stripe_fail_missing(call, "refund", call->id, "id");
    return refund;
}

void stripe_refunds_retrieve(struct stripe_call *call)
{
    const struct stripe_refund *refund = find_refund(call);

    if (refund != NULL)
        stripe_answer(call, stripe_render_refund(refund));
}

void stripe_refunds_cancel(struct stripe_call *call)
{
    struct stripe_refund *refund = find_refund(call);
    const char           *why;

    if (refund == NULL)
        return;
    why = stripe_refund_settle(call->stripe, refund, REFUND_CANCELED);
    if (why != NULL)
        stripe_fail(call, 400, NULL, NULL, "Only refunds that require action can be canceled; "
                    "this one is %s.", refund_status_name(refund->status));
    else
        stripe_answer(call, stripe_render_refund(refund));
}

static bool matches(const struct stripe_call *call, const struct item *item)
{
    const struct stripe_refund *refund = (const struct stripe_refund *) item;
    const char                 *charge = url_form_find(call->form, "charge");
    const char                 *intent = url_form_find(call->form, "payment_intent");

    return (charge == NULL || strcmp(charge, refund->charge->item.id) == 0) &&
           (intent == NULL || strcmp(intent, refund->charge->intent->item.id) == 0);
}

static json_t *render(const struct stripe *stripe, const struct item *item)
{
    (void) stripe;
    return stripe_render_refund((const struct stripe_refund *) item);
}

/* The refunds of one intent, oldest first; the caller frees the array. */
static struct item **collect_refunds(const struct stripe_intent *intent, size_t *count_out)
{
    struct item **items;
    size_t        count = 0, at;

    for (struct stripe_refund *refund = intent->refunds; refund != NULL; refund = refund->next)
        count++;
    items = alloc_new(count, sizeof *items);
    at = count;
    for (struct stripe_refund *refund = intent->refunds; refund != NULL; refund = refund->next)
        items[--at] = &refund->item;
    *count_out = count;
    return items;
}

/* The intent whose refunds are asked for; NULL when all are asked for, or it is unknown. */
static const struct stripe_intent *listed_intent(const struct stripe_call *call)
{
    const char                 *intent_id = url_form_find(call->form, "payment_intent");
    const char                 *charge_id = url_form_find(call->form, "charge");
    const struct stripe_charge *charge;

    if (intent_id != NULL)
        return collection_find(&call->stripe->intents, intent_id);
    charge = charge_id == NULL ? NULL : collection_find(&call->stripe->charges, charge_id);
    return charge == NULL ? NULL : charge->intent;
}

void stripe_refunds_list(struct stripe_call *call)
{
    const struct collection    *refunds = &call->stripe->refunds;
    const struct stripe_intent *intent = listed_intent(call);
    struct item               **of_intent = NULL;
    struct stripe_listing       listing = {
        .url = "/v1/refunds", .items = refunds->items, .count = refunds->count,
        .cursors = refunds, .matches = matches, .render = render,
    };

    if (intent != NULL)
        listing.items = of_intent = collect_refunds(intent, &listing.count);
    else if (url_form_find(call->form, "payment_intent") != NULL ||
             url_form_find(call->form, "charge") != NULL)
        listing.count = 0;
    stripe_list_answer(call, &listing);
    free(of_intent);
}
