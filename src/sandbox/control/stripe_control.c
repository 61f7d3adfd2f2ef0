/* The acts of payers and banks at Stripe, as control operations. */
#include "stripe_control.h"

#include <string.h>

#include "sandbox/stripe/stripe_api.h"
#include "sandbox/stripe/stripe_currency.h"
#include "sandbox/stripe/stripe_moods.h"
#include "sandbox/stripe/stripe_payments.h"
#include "sandbox/stripe/stripe_refunds.h"
#include "sandbox/stripe/stripe_render.h"

typedef const char *session_act(struct stripe *stripe, struct stripe_session *session);

void stripe_control_begin(struct control_call *call)
{
    struct stripe *stripe = call->world->stripe;

    stripe_lock(stripe);
    stripe_settle_due(stripe);
    stripe->ago_s = call->ago_s;
}

void stripe_control_end(struct control_call *call)
{
    call->world->stripe->ago_s = 0;
    stripe_unlock(call->world->stripe);
}

/* Answers with the object, or why the act was impossible: 409. The object is adopted. */
static void answer_act(struct control_call *call, const char *why, json_t *object)
{
    if (why == NULL) {
        control_answer(call, object);
        return;
    }
    json_decref(object);
    control_refuse(call, 409, why);
}

static void act_on_session(struct control_call *call, session_act *act)
{
    struct stripe         *stripe = call->world->stripe;
    struct stripe_session *session;
    const char            *why;

    if (!control_unpack(call, "{!}"))
        return;
    stripe_control_begin(call);
    session = collection_find(&stripe->sessions, call->id);
    if (session == NULL) {
        control_refuse(call, 404, "There is no such session.");
    } else {
        why = act(stripe, session);
        answer_act(call, why, stripe_render_session(session));
    }
    stripe_control_end(call);
}

void stripe_control_pay(struct control_call *call)
{
    struct stripe         *stripe = call->world->stripe;
    struct stripe_session *session;
    json_int_t             amount = 0;
    const char            *why;

    if (!control_unpack(call, "{s?I !}", "amount", &amount))
        return;
    if (amount < 0 || amount > STRIPE_AMOUNT_MAX) {
        control_refuse(call, 400, "amount must be positive.");
        return;
    }
    stripe_control_begin(call);
    session = collection_find(&stripe->sessions, call->id);
    if (session == NULL) {
        control_refuse(call, 404, "There is no such session.");
    } else {
        why = amount == 0 ? stripe_moods_pay(stripe, session)
                          : stripe_payment_pay_amount(stripe, session, amount);
        answer_act(call, why, stripe_render_session(session));
    }
    stripe_control_end(call);
}

void stripe_control_require_action(struct control_call *call)
{
    act_on_session(call, stripe_payment_require_action);
}

void stripe_control_authenticate(struct control_call *call)
{
    act_on_session(call, stripe_payment_authenticate);
}

void stripe_control_fail_authentication(struct control_call *call)
{
    act_on_session(call, stripe_payment_fail_authentication);
}

void stripe_control_expire(struct control_call *call)
{
    act_on_session(call, stripe_payment_expire);
}

void stripe_control_async_pay(struct control_call *call)
{
    act_on_session(call, stripe_payment_async_pay);
}

void stripe_control_async_succeed(struct control_call *call)
{
    act_on_session(call, stripe_payment_async_succeed);
}

void stripe_control_async_fail(struct control_call *call)
{
    act_on_session(call, stripe_payment_async_fail);
}

void stripe_control_decline(struct control_call *call)
{
    struct stripe         *stripe = call->world->stripe;
    const char            *decline_code = STRIPE_DECLINE_DEFAULT, *why;
    struct stripe_session *session;

    if (!control_unpack(call, "{s?s !}", "decline_code", &decline_code))
        return;
    stripe_control_begin(call);
    session = collection_find(&stripe->sessions, call->id);
    if (session == NULL) {
        control_refuse(call, 404, "There is no such session.");
    } else {
        why = stripe_payment_decline(stripe, session, decline_code);
        answer_act(call, why, stripe_render_session(session));
    }
    stripe_control_end(call);
}

static void settle_refund(struct control_call *call, enum refund_status status)
{
    struct stripe        *stripe = call->world->stripe;
    struct stripe_refund *refund;
    const char           *why;

    if (!control_unpack(call, "{!}"))
        return;
    stripe_control_begin(call);
    refund = collection_find(&stripe->refunds, call->id);
    if (refund == NULL) {
        control_refuse(call, 404, "There is no such refund.");
    } else {
        why = stripe_refund_settle(stripe, refund, status);
        answer_act(call, why, stripe_render_refund(refund));
    }
    stripe_control_end(call);
}

void stripe_control_refund_succeed(struct control_call *call)
{
    settle_refund(call, REFUND_SUCCEEDED);
}

void stripe_control_refund_fail(struct control_call *call)
{
    struct stripe        *stripe = call->world->stripe;
    struct stripe_refund *refund;
    json_int_t            after_s = 0;
    const char           *why = NULL;

    if (!control_unpack(call, "{s?I !}", "after_s", &after_s))
        return;
    stripe_control_begin(call);
    refund = collection_find(&stripe->refunds, call->id);
    if (refund == NULL) {
        control_refuse(call, 404, "There is no such refund.");
    } else {
        if (after_s > 0)
            stripe_refund_fail_at(stripe, refund, sandbox_clock_now_s(stripe->clock) + after_s);
        else
            why = stripe_refund_settle(stripe, refund, REFUND_FAILED);
        answer_act(call, why, stripe_render_refund(refund));
    }
    stripe_control_end(call);
}

void stripe_control_refund(struct control_call *call)
{
    struct stripe        *stripe = call->world->stripe;
    struct stripe_intent *intent;
    struct stripe_refusal refusal;
    json_int_t            wanted = 0;
    int64_t               amount;

    if (!control_unpack(call, "{s?I !}", "amount", &wanted))
        return;
    if (wanted < 0) {
        control_refuse(call, 400, "amount must be positive.");
        return;
    }
    stripe_control_begin(call);
    intent = collection_find(&stripe->intents, call->id);
    if (intent == NULL) {
        control_refuse(call, 404, "There is no such payment intent.");
    } else {
        refusal = stripe_refund_check(intent, wanted, &amount);
        answer_act(call, refusal.message, refusal.message != NULL ? NULL : stripe_render_refund(
            stripe_refund_make(stripe, intent, amount, "requested_by_customer", json_object())));
    }
    stripe_control_end(call);
}

void stripe_control_settings(struct control_call *call)
{
    struct stripe     *stripe = call->world->stripe;
    const char        *name = NULL;
    json_int_t         delay_s, fails_after_s;
    enum refund_status status;

    stripe_control_begin(call);
    status = stripe->refund_outcome;
    delay_s = stripe->balance_delay_s;
    fails_after_s = stripe->refund_fails_after_s;
    if (!control_unpack(call, "{s?s, s?I, s?I !}", "refund_status", &name,
                        "balance_delay_s", &delay_s, "refund_fails_after_s", &fails_after_s)) {
    } else if (name != NULL && (!refund_status_from_name(name, &status) ||
                                status == REFUND_CANCELED)) {
        control_refuse(call, 400,
                       "refund_status is succeeded, pending, requires_action or failed.");
    } else if (delay_s < 0 || fails_after_s < 0) {
        control_refuse(call, 400, "Seconds must be positive.");
    } else {
        stripe->refund_outcome = status;
        stripe->balance_delay_s = delay_s;
        stripe->refund_fails_after_s = fails_after_s;
        control_answer(call, json_pack("{s:s, s:I, s:I}",
                                       "refund_status", refund_status_name(status),
                                       "balance_delay_s", delay_s,
                                       "refund_fails_after_s", fails_after_s));
    }
    stripe_control_end(call);
}
