/* Moves a session, its intent and its charge through their states as the payer and the bank act. */
#include "stripe_payments.h"

#include <string.h>

#include "sandbox/kit/alloc.h"
#include "stripe_balance.h"
#include "stripe_events.h"
#include "stripe_render.h"

static const char not_open[] = "The session is not open.";
static const char not_waiting[] = "The payment does not wait for authentication.";
static const char not_processing[] = "The payment is not processing.";

static const struct { const char *code, *message; } declines[] = {
    { "insufficient_funds", "Your card has insufficient funds." },
    { "generic_decline", "Your card was declined." },
    { "do_not_honor", "Your card was declined." },
    { "lost_card", "Your card was declined." },
    { "stolen_card", "Your card was declined." },
    { "fraudulent", "Your card was declined." },
    { "expired_card", "Your card has expired." },
    { "incorrect_cvc", "Your card's security code is incorrect." },
    { "processing_error", "An error occurred while processing your card. Try again." },
};

#define DECLINE_COUNT (sizeof declines / sizeof declines[0])

/* The row of the code; DECLINE_COUNT when there is none. */
static size_t decline_row(const char *code)
{
    size_t row = 0;

    while (row < DECLINE_COUNT && strcmp(declines[row].code, code) != 0)
        row++;
    return row;
}

static void emit_session(struct stripe *stripe, const char *type,
                         const struct stripe_session *session)
{
    stripe_event_emit(stripe, type, session, stripe_render_session(session), NULL);
}

static void emit_intent(struct stripe *stripe, const char *type,
                        const struct stripe_intent *intent)
{
    stripe_event_emit(stripe, type, intent->session, stripe_render_intent(intent), NULL);
}

static void emit_charge(struct stripe *stripe, const char *type,
                        const struct stripe_charge *charge)
{
    stripe_event_emit(stripe, type, charge->intent->session, stripe_render_charge(charge), NULL);
}

/* Makes the intent when the payer first confirms, as Stripe does since API version 2022-08-01. */
static struct stripe_intent *intent_of(struct stripe *stripe, struct stripe_session *session,
                                       const char *method)
{
    struct stripe_intent *intent = session->intent;

    if (intent == NULL) {
        intent = alloc_new(1, sizeof *intent);
        collection_add(&stripe->intents, &intent->item, "pi_", 24, stripe_now_s(stripe));
        intent->session = session;
        intent->method = method;
        session->intent = intent;
        emit_intent(stripe, "payment_intent.created", intent);
    }
    intent->method = method;
    return intent;
}

static struct stripe_charge *charge_intent(struct stripe *stripe, struct stripe_intent *intent,
                                           enum charge_status status)
{
    struct stripe_charge *charge = alloc_new(1, sizeof *charge);
    bool                  is_card = strcmp(intent->method, "card") == 0;

    collection_add(&stripe->charges, &charge->item, is_card ? "ch_" : "py_", 24,
                   stripe_now_s(stripe));
    charge->status = status;
    charge->intent = intent;
    intent->latest_charge = charge;
    return charge;
}

static void set_error(struct stripe_intent *intent, json_t *error)
{
    json_decref(intent->last_payment_error);
    intent->last_payment_error = error;
}

/* The money has come in. */
static void succeed(struct stripe *stripe, struct stripe_intent *intent, const char *session_event)
{
    struct stripe_charge *charge = intent->latest_charge;

    intent->status = INTENT_SUCCEEDED;
    intent->session->status = SESSION_COMPLETE;
    intent->session->is_paid = true;
    set_error(intent, NULL);
    charge->movement = stripe_balance_add(stripe, MOVEMENT_CHARGE, charge, &charge->item,
                                          intent->session->amount);
    emit_charge(stripe, "charge.succeeded", charge);
    emit_intent(stripe, "payment_intent.succeeded", intent);
    emit_session(stripe, session_event, intent->session);
}

/* The charge has failed: another one may be tried as long as the session is open. */
static void fail(struct stripe *stripe, struct stripe_intent *intent, const char *code,
                 const char *decline_code, const char *message)
{
    struct stripe_charge *charge = intent->latest_charge;

    charge->status = CHARGE_FAILED;
    charge->failure_code = code;
    charge->failure_message = message;
    intent->status = INTENT_REQUIRES_PAYMENT_METHOD;
    set_error(intent, json_pack("{s:s, s:s, s:s*, s:s, s:s}", "type", "card_error", "code", code,
                                "decline_code", decline_code, "message", message,
                                "charge", charge->item.id));
    emit_charge(stripe, "charge.failed", charge);
    emit_intent(stripe, "payment_intent.payment_failed", intent);
}

const char *stripe_payment_pay_amount(struct stripe *stripe, struct stripe_session *session,
                                      int64_t amount)
{
    struct stripe_intent *intent;

    if (session->status != SESSION_OPEN)
        return not_open;
    session->amount = amount;
    if (session->item.created_s > stripe_now_s(stripe))
        session->item.created_s = stripe_now_s(stripe);
    intent = intent_of(stripe, session, "card");
    charge_intent(stripe, intent, CHARGE_SUCCEEDED);
    succeed(stripe, intent, "checkout.session.completed");
    return NULL;
}

const char *stripe_payment_pay(struct stripe *stripe, struct stripe_session *session)
{
    return stripe_payment_pay_amount(stripe, session, session->amount);
}

const char *stripe_payment_decline(struct stripe *stripe, struct stripe_session *session,
                                   const char *decline_code)
{
    size_t                row = decline_row(decline_code);
    struct stripe_intent *intent;

    if (row == DECLINE_COUNT)
        return "Unknown decline_code.";
    if (session->status != SESSION_OPEN)
        return not_open;
    intent = intent_of(stripe, session, "card");
    charge_intent(stripe, intent, CHARGE_FAILED);
    fail(stripe, intent, "card_declined", declines[row].code, declines[row].message);
    return NULL;
}

const char *stripe_payment_require_action(struct stripe *stripe, struct stripe_session *session)
{
    struct stripe_intent *intent;

    if (session->status != SESSION_OPEN)
        return not_open;
    intent = intent_of(stripe, session, "card");
    if (intent->status == INTENT_REQUIRES_ACTION)
        return NULL;
    intent->status = INTENT_REQUIRES_ACTION;
    set_error(intent, NULL);
    emit_intent(stripe, "payment_intent.requires_action", intent);
    return NULL;
}

static bool waits_for_authentication(const struct stripe_session *session)
{
    return session->status == SESSION_OPEN && session->intent != NULL &&
           session->intent->status == INTENT_REQUIRES_ACTION;
}

const char *stripe_payment_authenticate(struct stripe *stripe, struct stripe_session *session)
{
    return waits_for_authentication(session) ? stripe_payment_pay(stripe, session) : not_waiting;
}

const char *stripe_payment_fail_authentication(struct stripe *stripe,
                                               struct stripe_session *session)
{
    struct stripe_intent *intent = session->intent;

    if (!waits_for_authentication(session))
        return not_waiting;
    intent->status = INTENT_REQUIRES_PAYMENT_METHOD;
    set_error(intent, json_pack("{s:s, s:s, s:s}", "type", "card_error",
        "code", "payment_intent_authentication_failure", "message",
        "We are unable to authenticate your payment method. Please choose a different payment "
        "method and try again."));
    emit_intent(stripe, "payment_intent.payment_failed", intent);
    return NULL;
}

const char *stripe_payment_async_pay(struct stripe *stripe, struct stripe_session *session)
{
    struct stripe_intent *intent;

    if (session->status != SESSION_OPEN)
        return not_open;
    intent = intent_of(stripe, session, "us_bank_account");
    intent->status = INTENT_PROCESSING;
    set_error(intent, NULL);
    session->status = SESSION_COMPLETE;
    emit_charge(stripe, "charge.pending", charge_intent(stripe, intent, CHARGE_PENDING));
    emit_intent(stripe, "payment_intent.processing", intent);
    emit_session(stripe, "checkout.session.completed", session);
    return NULL;
}

static bool is_processing(const struct stripe_session *session)
{
    return session->intent != NULL && session->intent->status == INTENT_PROCESSING;
}

const char *stripe_payment_async_succeed(struct stripe *stripe, struct stripe_session *session)
{
    if (!is_processing(session))
        return not_processing;
    session->intent->latest_charge->status = CHARGE_SUCCEEDED;
    succeed(stripe, session->intent, "checkout.session.async_payment_succeeded");
    return NULL;
}

const char *stripe_payment_async_fail(struct stripe *stripe, struct stripe_session *session)
{
    if (!is_processing(session))
        return not_processing;
    fail(stripe, session->intent, "debit_not_authorized", NULL,
         "The customer's bank refused the debit.");
    emit_session(stripe, "checkout.session.async_payment_failed", session);
    return NULL;
}

static void cancel(struct stripe *stripe, struct stripe_intent *intent, const char *reason)
{
    intent->status = INTENT_CANCELED;
    intent->cancellation_reason = reason;
    intent->canceled_at_s = stripe_now_s(stripe);
    emit_intent(stripe, "payment_intent.canceled", intent);
}

const char *stripe_payment_expire(struct stripe *stripe, struct stripe_session *session)
{
    if (session->status != SESSION_OPEN)
        return not_open;
    session->status = SESSION_EXPIRED;
    if (session->intent != NULL)
        cancel(stripe, session->intent, "automatic");
    emit_session(stripe, "checkout.session.expired", session);
    return NULL;
}

const char *stripe_payment_cancel(struct stripe *stripe, struct stripe_intent *intent,
                                  const char *reason)
{
    if (intent->session->status == SESSION_OPEN)
        return "You cannot cancel the PaymentIntent of an open Checkout Session. Expire the "
               "Checkout Session instead.";
    if (intent->status != INTENT_REQUIRES_PAYMENT_METHOD)
        return "You cannot cancel this PaymentIntent in its present status.";
    cancel(stripe, intent, reason);
    return NULL;
}

void stripe_expire_due(struct stripe *stripe)
{
    int64_t                 now_s = sandbox_clock_now_s(stripe->clock);
    const struct heap_item *first;

    while ((first = heap_first(&stripe->expiries)) != NULL && first->at <= now_s) {
        struct stripe_session *session = heap_pop(&stripe->expiries);

        if (session->status == SESSION_OPEN)
            stripe_payment_expire(stripe, session);
    }
}
