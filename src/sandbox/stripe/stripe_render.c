/* Sessions, intents, charges, movements, refunds, disputes and events as JSON. */
#include "stripe_render.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define AVAILABLE_AFTER_S (2 * 24 * 3600)

static json_t *checked(json_t *object)
{
    assert(object != NULL);     /* fails on a wrong format string, or on text that is not UTF-8 */
    return object;
}

static const char *id_of(const void *thing)
{
    return thing == NULL ? NULL : ((const struct item *) thing)->id;
}

static json_t *time_or_null(int64_t at_s)
{
    return at_s == 0 ? json_null() : json_integer(at_s);
}

static json_t *customer_details(const struct stripe_session *session)
{
    if (session->customer_email == NULL && session->status != SESSION_COMPLETE)
        return json_null();
    return json_pack("{s:s?, s:n, s:n, s:s, s:n}", "email", session->customer_email, "name",
                     "phone", "tax_exempt", "none", "tax_ids");
}

static void add_session_amounts(json_t *object, const struct stripe_session *session)
{
    json_t *amounts = json_pack("{s:I, s:I, s:s, s:{s:i, s:i, s:i}, s:{s:b, s:n, s:n}, s:[], s:[],"
        " s:{s:n, s:n, s:n, s:n}}",
        "amount_subtotal", (json_int_t) session->amount,
        "amount_total", (json_int_t) session->amount, "currency", session->currency,
        "total_details", "amount_discount", 0, "amount_shipping", 0, "amount_tax", 0,
        "automatic_tax", "enabled", 0, "liability", "status", "shipping_options", "custom_fields",
        "custom_text", "after_submit", "shipping_address", "submit",
        "terms_of_service_acceptance");

    json_object_update_new(object, checked(amounts));
}

json_t *stripe_render_session(const struct stripe_session *session)
{
    bool    is_open = session->status == SESSION_OPEN;
    json_t *object = json_pack(
        "{s:s, s:s, s:s?, s:s?, s:I, s:n, s:s, s:o, s:s?, s:I, s:b, s:n, s:O, s:s, s:s?, s:n,"
        " s:s, s:[s, s], s:s, s:s, s:s, s:s, s:s?}",
        "id", session->item.id, "object", "checkout.session", "cancel_url", session->cancel_url,
        "client_reference_id", session->client_reference_id,
        "created", (json_int_t) session->item.created_s, "customer",
        "customer_creation", "if_required", "customer_details", customer_details(session),
        "customer_email", session->customer_email,
        "expires_at", (json_int_t) session->expires_at_s, "livemode", 0, "locale",
        "metadata", session->metadata, "mode", "payment",
        "payment_intent", id_of(session->intent), "payment_link",
        "payment_method_collection", "if_required",
        "payment_method_types", "card", "us_bank_account",
        "payment_status", session->is_paid ? "paid" : "unpaid",
        "status", session_status_name(session->status), "success_url", session->success_url,
        "ui_mode", "hosted_page", "url", is_open ? session->url : NULL);

    add_session_amounts(checked(object), session);
    return object;
}

static json_t *next_action(const struct stripe_intent *intent)
{
    char url[600];

    if (intent->status != INTENT_REQUIRES_ACTION)
        return json_null();
    snprintf(url, sizeof url, "%s/three-d-secure", intent->session->url);
    return json_pack("{s:s, s:{s:s, s:s}}", "type", "redirect_to_url", "redirect_to_url",
                     "url", url, "return_url", intent->session->url);
}

json_t *stripe_render_intent(const struct stripe_intent *intent)
{
    const struct stripe_session *session = intent->session;
    char    client_secret[ITEM_ID_BYTES + 20];
    bool    is_received = intent->status == INTENT_SUCCEEDED;

    snprintf(client_secret, sizeof client_secret, "%s_secret_sandbox", intent->item.id);
    return checked(json_pack(
        "{s:s, s:s, s:I, s:i, s:I, s:o, s:s?, s:s, s:s, s:s, s:I, s:s, s:n, s:s?, s:O?, s:s?,"
        " s:b, s:O, s:o, s:n, s:[s], s:s?, s:s}",
        "id", intent->item.id, "object", "payment_intent",
        "amount", (json_int_t) session->amount, "amount_capturable", 0,
        "amount_received", (json_int_t) (is_received ? session->amount : 0),
        "canceled_at", time_or_null(intent->canceled_at_s),
        "cancellation_reason", intent->cancellation_reason,
        "capture_method", "automatic_async", "client_secret", client_secret,
        "confirmation_method", "automatic", "created", (json_int_t) intent->item.created_s,
        "currency", session->currency, "customer", "description", session->intent_description,
        "last_payment_error", intent->last_payment_error,
        "latest_charge", id_of(intent->latest_charge), "livemode", 0,
        "metadata", session->intent_metadata, "next_action", next_action(intent),
        "payment_method", "payment_method_types", intent->method,
        "receipt_email", session->customer_email,
        "status", intent_status_name(intent->status)));
}

static json_t *outcome(const struct stripe_charge *charge)
{
    bool is_failed = charge->status == CHARGE_FAILED;

    if (charge->status == CHARGE_PENDING)
        return json_null();
    return json_pack("{s:s, s:s?, s:s, s:s, s:s}",
        "network_status", is_failed ? "declined_by_network" : "approved_by_network",
        "reason", charge->failure_code, "risk_level", "normal",
        "seller_message", is_failed ? "The bank refused the payment." : "Payment complete.",
        "type", is_failed ? "issuer_declined" : "authorized");
}

/* --- Movements on the balance --------------------------------------------------------------- */

/* Each kind's names: ours, Stripe's for cards and for other methods, and the one in reports. */
static const struct { const char *name, *of_card, *of_others, *category; } kinds[] = {
    [MOVEMENT_CHARGE]           = { "charge", "charge", "payment", "charge" },
    [MOVEMENT_REFUND]           = { "refund", "refund", "payment_refund", "refund" },
    [MOVEMENT_REFUND_FAILURE]   = { "refund_failure", "refund_failure", "refund_failure",
                                    "refund_failure" },
    [MOVEMENT_DISPUTE]          = { "dispute", "adjustment", "adjustment", "dispute" },
    [MOVEMENT_DISPUTE_REVERSAL] = { "dispute_reversal", "adjustment", "adjustment",
                                    "dispute_reversal" },
};

const char *stripe_movement_kind_name(enum stripe_movement_kind kind)
{
    return kinds[kind].name;
}

const char *stripe_movement_id(const struct stripe_movement *movement)
{
    return movement != NULL && movement->is_told ? movement->item.id : NULL;
}

static json_t *fee_details(const struct stripe_movement *movement, const char *currency)
{
    if (movement->fee == 0)
        return json_array();
    return json_pack("[{s:I, s:n, s:s, s:s, s:s}]", "amount", (json_int_t) movement->fee,
                     "application", "currency", currency, "description",
                     movement->kind == MOVEMENT_CHARGE ? "Stripe processing fees" : "Dispute fee",
                     "type", "stripe_fee");
}

const char *stripe_movement_type(const struct stripe_movement *movement)
{
    bool is_card = strcmp(movement->charge->intent->method, "card") == 0;

    return is_card ? kinds[movement->kind].of_card : kinds[movement->kind].of_others;
}

json_t *stripe_render_movement(const struct stripe *stripe, const struct stripe_movement *movement)
{
    const struct stripe_session *session = movement->charge->intent->session;
    int64_t available_s = movement->item.created_s + AVAILABLE_AFTER_S;

    return checked(json_pack(
        "{s:s, s:s, s:I, s:I, s:s, s:I, s:s, s:s?, s:n, s:I, s:o, s:I, s:s, s:s, s:s, s:s}",
        "id", movement->item.id, "object", "balance_transaction",
        "amount", (json_int_t) movement->amount, "available_on", (json_int_t) available_s,
        "balance_type", "payments", "created", (json_int_t) movement->item.created_s,
        "currency", session->currency, "description", session->intent_description,
        "exchange_rate", "fee", (json_int_t) movement->fee,
        "fee_details", fee_details(movement, session->currency),
        "net", (json_int_t) (movement->amount - movement->fee),
        "reporting_category", kinds[movement->kind].category, "source", movement->source,
        "status", sandbox_clock_now_s(stripe->clock) < available_s ? "pending" : "available",
        "type", stripe_movement_type(movement)));
}

/* --- Charges, refunds, disputes, events ----------------------------------------------------- */

json_t *stripe_render_charge(const struct stripe_charge *charge)
{
    const struct stripe_session *session = charge->intent->session;
    bool       is_paid = charge->status == CHARGE_SUCCEEDED;
    json_int_t captured = is_paid ? session->amount : 0;

    return checked(json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:s?, s:{s:n, s:s?, s:n, s:n, s:n}, s:b, s:I, s:s, s:n, s:s?,"
        " s:b, s:s?, s:s?, s:b, s:O, s:o, s:b, s:s, s:n, s:{s:s}, s:b, s:s}",
        "id", charge->item.id, "object", "charge", "amount", (json_int_t) session->amount,
        "amount_captured", captured, "amount_refunded", (json_int_t) charge->amount_refunded,
        "balance_transaction", stripe_movement_id(charge->movement),
        "billing_details", "address", "email", session->customer_email, "name", "phone", "tax_id",
        "captured", is_paid, "created", (json_int_t) charge->item.created_s,
        "currency", session->currency, "customer", "description", session->intent_description,
        "disputed", charge->dispute != NULL, "failure_code", charge->failure_code,
        "failure_message", charge->failure_message, "livemode", 0,
        "metadata", session->intent_metadata, "outcome", outcome(charge), "paid", is_paid,
        "payment_intent", charge->intent->item.id, "payment_method",
        "payment_method_details", "type", charge->intent->method,
        "refunded", is_paid && charge->amount_refunded == session->amount,
        "status", charge_status_name(charge->status)));
}

json_t *stripe_render_refund(const struct stripe_refund *refund)
{
    const struct stripe_intent *intent = refund->charge->intent;
    json_t *object = json_pack(
        "{s:s, s:s, s:I, s:s?, s:s, s:I, s:s, s:O, s:s, s:s?, s:n, s:s, s:n, s:n}",
        "id", refund->item.id, "object", "refund", "amount", (json_int_t) refund->amount,
        "balance_transaction", stripe_movement_id(refund->movement),
        "charge", refund->charge->item.id,
        "created", (json_int_t) refund->item.created_s, "currency", intent->session->currency,
        "metadata", refund->metadata, "payment_intent", intent->item.id,
        "reason", refund->reason, "receipt_number",
        "status", refund_status_name(refund->status), "source_transfer_reversal",
        "transfer_reversal");

    checked(object);
    if (refund->status == REFUND_PENDING)
        json_object_set_new(object, "pending_reason", json_string("processing"));
    if (refund->failure_reason != NULL)
        json_object_set_new(object, "failure_reason", json_string(refund->failure_reason));
    if (stripe_movement_id(refund->failure) != NULL)
        json_object_set_new(object, "failure_balance_transaction",
                            json_string(refund->failure->item.id));
    return object;
}

/* Each movement on our balance: out when disputed, back when won. */
static json_t *balance_transactions(const struct stripe *stripe,
                                    const struct stripe_dispute *dispute)
{
    json_t *list = json_array();

    if (dispute->withdrawal != NULL)
        json_array_append_new(list, stripe_render_movement(stripe, dispute->withdrawal));
    if (dispute->reinstatement != NULL)
        json_array_append_new(list, stripe_render_movement(stripe, dispute->reinstatement));
    return list;
}

static json_t *evidence_details(const struct stripe *stripe, const struct stripe_dispute *dispute)
{
    return json_pack("{s:I, s:b, s:b, s:i}", "due_by", (json_int_t) dispute->due_by_s,
        "has_evidence", json_object_size(dispute->evidence) > 0,
        "past_due", sandbox_clock_now_s(stripe->clock) > dispute->due_by_s,
        "submission_count", dispute->submission_count);
}

json_t *stripe_render_dispute(const struct stripe *stripe, const struct stripe_dispute *dispute)
{
    const struct stripe_intent *intent = dispute->charge->intent;
    const char                 *currency = intent->session->currency;
    bool is_inquiry = dispute->status <= DISPUTE_WARNING_CLOSED;

    return checked(json_pack(
        "{s:s, s:s, s:I, s:o, s:s, s:I, s:s, s:O, s:o, s:b, s:b, s:O, s:s, s:s, s:s}",
        "id", dispute->item.id, "object", "dispute", "amount", (json_int_t) dispute->amount,
        "balance_transactions", balance_transactions(stripe, dispute),
        "charge", dispute->charge->item.id, "created", (json_int_t) dispute->item.created_s,
        "currency", currency, "evidence", dispute->evidence,
        "evidence_details", evidence_details(stripe, dispute),
        "is_charge_refundable", is_inquiry, "livemode", 0, "metadata", dispute->metadata,
        "payment_intent", intent->item.id, "reason", dispute->reason,
        "status", dispute_status_name(dispute->status)));
}

json_t *stripe_render_event(const struct stripe *stripe, const struct stripe_event *event)
{
    json_t *object = checked(json_loads(event->payload, 0, NULL));
    bool    is_delivered = webhooks_is_delivered(stripe->webhooks, event->item.id);

    json_object_set_new(object, "pending_webhooks", json_integer(is_delivered ? 0 : 1));
    return object;
}
