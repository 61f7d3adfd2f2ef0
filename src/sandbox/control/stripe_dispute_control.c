/* The acts of payers and banks in a dispute at Stripe, as control operations. */
#include "sandbox/stripe/stripe_disputes.h"
#include "sandbox/stripe/stripe_render.h"
#include "stripe_control.h"

/* Answers with the dispute, or why the act was impossible: 409. */
static void answer(struct control_call *call, const char *why,
                   const struct stripe_dispute *dispute)
{
    if (why != NULL)
        control_refuse(call, 409, why);
    else
        control_answer(call, stripe_render_dispute(call->world->stripe, dispute));
}

void stripe_control_dispute(struct control_call *call)
{
    struct stripe         *stripe = call->world->stripe;
    json_int_t             amount = 0, due_s = STRIPE_DISPUTE_DUE_S;
    const char            *reason = "fraudulent", *why = NULL;
    int                    is_inquiry = 0;
    struct stripe_intent  *intent;
    struct stripe_dispute *dispute;

    if (!control_unpack(call, "{s?I, s?s, s?b, s?I !}", "amount", &amount, "reason", &reason,
                        "inquiry", &is_inquiry, "due_s", &due_s))
        return;
    if (amount < 0 || due_s < 0) {
        control_refuse(call, 400, "amount and due_s must be positive.");
        return;
    }
    stripe_control_begin(call);
    intent = collection_find(&stripe->intents, call->id);
    if (intent == NULL) {
        control_refuse(call, 404, "There is no such payment intent.");
    } else {
        dispute = stripe_dispute_make(stripe, intent, amount, reason, is_inquiry, due_s, &why);
        answer(call, why, dispute);
    }
    stripe_control_end(call);
}

/* Call it with the lock held. */
static void settle(struct control_call *call, struct stripe_dispute *dispute,
                   enum dispute_status status)
{
    if (dispute == NULL)
        control_refuse(call, 404, "There is no such dispute.");
    else
        answer(call, stripe_dispute_settle(call->world->stripe, dispute, status), dispute);
}

void stripe_control_dispute_review(struct control_call *call)
{
    struct stripe         *stripe = call->world->stripe;
    struct stripe_dispute *dispute;
    bool                   is_inquiry;

    if (!control_unpack(call, "{!}"))
        return;
    stripe_control_begin(call);
    dispute = collection_find(&stripe->disputes, call->id);
    is_inquiry = dispute != NULL && dispute->status <= DISPUTE_WARNING_CLOSED;
    settle(call, dispute, is_inquiry ? DISPUTE_WARNING_UNDER_REVIEW : DISPUTE_UNDER_REVIEW);
    stripe_control_end(call);
}

void stripe_control_dispute_escalate(struct control_call *call)
{
    struct stripe *stripe = call->world->stripe;

    if (!control_unpack(call, "{!}"))
        return;
    stripe_control_begin(call);
    settle(call, collection_find(&stripe->disputes, call->id), DISPUTE_NEEDS_RESPONSE);
    stripe_control_end(call);
}

void stripe_control_dispute_close(struct control_call *call)
{
    struct stripe      *stripe = call->world->stripe;
    const char         *name;
    enum dispute_status status;

    if (!control_unpack(call, "{s:s !}", "status", &name))
        return;
    if (!dispute_status_from_name(name, &status) ||
        (status != DISPUTE_WON && status != DISPUTE_LOST && status != DISPUTE_WARNING_CLOSED)) {
        control_refuse(call, 400, "status is won, lost or warning_closed.");
        return;
    }
    stripe_control_begin(call);
    settle(call, collection_find(&stripe->disputes, call->id), status);
    stripe_control_end(call);
}
