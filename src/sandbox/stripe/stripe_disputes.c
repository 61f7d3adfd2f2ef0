/* Opens disputes and inquiries, moves them on and ends them, with money and events. */
#include "stripe_disputes.h"

#include <string.h>

#include "sandbox/kit/alloc.h"
#include "stripe_balance.h"
#include "stripe_events.h"
#include "stripe_list.h"
#include "stripe_render.h"
#include "stripe_sessions.h"

static void emit(struct stripe *stripe, const char *type, const struct stripe_dispute *dispute,
                 json_t *previous)
{
    stripe_event_emit(stripe, type, dispute->charge->intent->session,
                      stripe_render_dispute(stripe, dispute), previous);
}

static void withdraw(struct stripe *stripe, struct stripe_dispute *dispute)
{
    dispute->is_withdrawn = true;
    dispute->withdrawal = stripe_balance_add(stripe, MOVEMENT_DISPUTE, dispute->charge,
                                             &dispute->item, -dispute->amount);
    emit(stripe, "charge.dispute.funds_withdrawn", dispute, NULL);
}

static bool is_closed(const struct stripe_dispute *dispute)
{
    return dispute->status == DISPUTE_WARNING_CLOSED || dispute->status == DISPUTE_WON ||
           dispute->status == DISPUTE_LOST;
}

struct stripe_dispute *stripe_dispute_make(struct stripe *stripe, struct stripe_intent *intent,
                                           int64_t amount, const char *reason, bool is_inquiry,
                                           int64_t due_s, const char **why_out)
{
    struct stripe_charge  *charge = intent->latest_charge;
    struct stripe_dispute *dispute;

    if (charge == NULL || charge->status != CHARGE_SUCCEEDED ||
        amount > intent->session->amount) {
        *why_out = "Less than that was paid, so it cannot be disputed.";
        return NULL;
    }
    if (charge->dispute != NULL && !is_closed(charge->dispute)) {
        *why_out = "The charge is disputed already.";
        return NULL;
    }
    dispute = alloc_new(1, sizeof *dispute);
    collection_add(&stripe->disputes, &dispute->item, "dp_", 24, stripe_now_s(stripe));
    dispute->status = is_inquiry ? DISPUTE_WARNING_NEEDS_RESPONSE : DISPUTE_NEEDS_RESPONSE;
    dispute->charge = charge;
    dispute->amount = amount == 0 ? intent->session->amount : amount;
    dispute->reason = alloc_dup(reason);
    dispute->due_by_s = dispute->item.created_s + due_s;
    dispute->evidence = json_object();
    dispute->metadata = json_object();
    charge->dispute = dispute;
    emit(stripe, "charge.dispute.created", dispute, NULL);
    if (!is_inquiry)
        withdraw(stripe, dispute);
    return dispute;
}

/* The allowed changes of a dispute's status; no others can happen. */
static const struct { enum dispute_status from, to; } settlements[] = {
    { DISPUTE_WARNING_NEEDS_RESPONSE, DISPUTE_WARNING_UNDER_REVIEW },
    { DISPUTE_WARNING_NEEDS_RESPONSE, DISPUTE_WARNING_CLOSED       },
    { DISPUTE_WARNING_NEEDS_RESPONSE, DISPUTE_NEEDS_RESPONSE       },
    { DISPUTE_WARNING_UNDER_REVIEW,   DISPUTE_WARNING_CLOSED       },
    { DISPUTE_WARNING_UNDER_REVIEW,   DISPUTE_NEEDS_RESPONSE       },
    { DISPUTE_NEEDS_RESPONSE,         DISPUTE_UNDER_REVIEW         },
    { DISPUTE_NEEDS_RESPONSE,         DISPUTE_WON                  },
    { DISPUTE_NEEDS_RESPONSE,         DISPUTE_LOST                 },
    { DISPUTE_UNDER_REVIEW,           DISPUTE_WON                  },
    { DISPUTE_UNDER_REVIEW,           DISPUTE_LOST                 },
};

static bool may_become(enum dispute_status from, enum dispute_status to)
{
    for (size_t i = 0; i < sizeof settlements / sizeof settlements[0]; i++)
        if (settlements[i].from == from && settlements[i].to == to)
            return true;
    return false;
}

const char *stripe_dispute_settle(struct stripe *stripe, struct stripe_dispute *dispute,
                                  enum dispute_status status)
{
    const char *previous = dispute_status_name(dispute->status);

    if (!may_become(dispute->status, status))
        return "The dispute cannot go from its present status to that one.";
    dispute->status = status;
    emit(stripe, is_closed(dispute) ? "charge.dispute.closed" : "charge.dispute.updated", dispute,
         is_closed(dispute) ? NULL : json_pack("{s:s}", "status", previous));
    if (status == DISPUTE_NEEDS_RESPONSE)
        withdraw(stripe, dispute);
    if (status == DISPUTE_WON) {
        dispute->is_reinstated = true;
        dispute->reinstatement = stripe_balance_add(stripe, MOVEMENT_DISPUTE_REVERSAL,
                                                    dispute->charge, &dispute->item,
                                                    dispute->amount);
        emit(stripe, "charge.dispute.funds_reinstated", dispute, NULL);
    }
    return NULL;
}

void stripe_dispute_end_inquiry(struct stripe *stripe, struct stripe_charge *charge)
{
    if (charge->dispute != NULL && charge->dispute->status < DISPUTE_WARNING_CLOSED)
        stripe_dispute_settle(stripe, charge->dispute, DISPUTE_WARNING_CLOSED);
}

/* NULL after answering 404. */
static struct stripe_dispute *find_dispute(struct stripe_call *call)
{
    struct stripe_dispute *dispute = collection_find(&call->stripe->disputes, call->id);

    if (dispute == NULL)
        stripe_fail_missing(call, "dispute", call->id, "id");
    return dispute;
}

void stripe_disputes_retrieve(struct stripe_call *call)
{
    const struct stripe_dispute *dispute = find_dispute(call);

    if (dispute != NULL)
        stripe_answer(call, stripe_render_dispute(call->stripe, dispute));
}

static bool check_open(struct stripe_call *call, const struct stripe_dispute *dispute)
{
    if (!is_closed(dispute))
        return true;
    stripe_fail(call, 400, NULL, NULL, "This dispute is already closed");
    return false;
}

static bool is_submitted(const struct stripe_dispute *dispute)
{
    return dispute->status == DISPUTE_UNDER_REVIEW ||
           dispute->status == DISPUTE_WARNING_UNDER_REVIEW;
}

/* Sends the evidence to the bank. That happens once; until then it may be changed. */
static void submit(struct stripe *stripe, struct stripe_dispute *dispute)
{
    bool is_inquiry = dispute->status == DISPUTE_WARNING_NEEDS_RESPONSE;

    dispute->submission_count++;
    stripe_dispute_settle(stripe, dispute,
                          is_inquiry ? DISPUTE_WARNING_UNDER_REVIEW : DISPUTE_UNDER_REVIEW);
}

void stripe_disputes_update(struct stripe_call *call)
{
    struct stripe_dispute *dispute = find_dispute(call);
    const char            *wanted = url_form_find(call->form, "submit");

    if (dispute == NULL || !check_open(call, dispute))
        return;
    if (is_submitted(dispute) && url_form_find_below(call->form, "evidence") != NULL) {
        stripe_fail(call, 400, NULL, "evidence", "The evidence has been submitted already");
        return;
    }
    json_object_update_new(dispute->evidence, stripe_read_metadata(call->form, "evidence"));
    json_object_update_new(dispute->metadata, stripe_read_metadata(call->form, "metadata"));
    if (url_form_find_below(call->form, "evidence") != NULL &&
        (wanted == NULL || strcmp(wanted, "true") == 0))
        submit(call->stripe, dispute);
    else
        emit(call->stripe, "charge.dispute.updated", dispute, NULL);
    stripe_answer(call, stripe_render_dispute(call->stripe, dispute));
}

/* The merchant accepts the dispute. */
void stripe_disputes_close(struct stripe_call *call)
{
    struct stripe_dispute *dispute = find_dispute(call);
    bool                   is_inquiry;

    if (dispute == NULL || !check_open(call, dispute))
        return;
    is_inquiry = dispute->status <= DISPUTE_WARNING_CLOSED;
    stripe_dispute_settle(call->stripe, dispute,
                          is_inquiry ? DISPUTE_WARNING_CLOSED : DISPUTE_LOST);
    stripe_answer(call, stripe_render_dispute(call->stripe, dispute));
}

static bool matches(const struct stripe_call *call, const struct item *item)
{
    const struct stripe_dispute *dispute = (const struct stripe_dispute *) item;
    const char                  *charge = url_form_find(call->form, "charge");
    const char                  *intent = url_form_find(call->form, "payment_intent");

    return (charge == NULL || strcmp(charge, dispute->charge->item.id) == 0) &&
           (intent == NULL || strcmp(intent, dispute->charge->intent->item.id) == 0);
}

static json_t *render(const struct stripe *stripe, const struct item *item)
{
    return stripe_render_dispute(stripe, (const struct stripe_dispute *) item);
}

void stripe_disputes_list(struct stripe_call *call)
{
    const struct collection *disputes = &call->stripe->disputes;

    stripe_list_answer(call, &(struct stripe_listing) {
        .url = "/v1/disputes", .items = disputes->items, .count = disputes->count,
        .cursors = disputes, .matches = matches, .render = render,
    });
}
