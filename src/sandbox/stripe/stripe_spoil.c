/* Changes a correct answer or event as its fault plan says. */
#include "stripe_spoil.h"

#include <string.h>

#include "sandbox/http/distort.h"

static const char *const amount_names[] = { "amount", "amount_total", "amount_subtotal",
                                            "amount_received", "amount_captured" };

/*
 * Members that may be null according to Stripe's documents, except those that say whose money it is
 * or how much.
 */
static const char *const nullable[] = {
    "balance_transaction", "billing_details", "client_reference_id", "customer_details",
    "customer_email", "description", "failure_message", "outcome", "payment_method_details",
    "reason", "receipt_email", NULL,
};

static void spoil_amounts(json_t *object)
{
    for (size_t i = 0; i < sizeof amount_names / sizeof amount_names[0]; i++) {
        json_t *amount = json_object_get(object, amount_names[i]);

        if (json_is_integer(amount))
            json_integer_set(amount, json_integer_value(amount) + 1);
    }
}

static void spoil_currency(json_t *object)
{
    const char *currency = json_string_value(json_object_get(object, "currency"));

    if (currency != NULL)
        json_object_set_new(object, "currency",
                            json_string(strcmp(currency, "eur") == 0 ? "usd" : "eur"));
}

static void spoil(json_t *object, enum fault_action action)
{
    if (action == FAULT_WRONG_AMOUNT)
        spoil_amounts(object);
    else if (action == FAULT_WRONG_CURRENCY)
        spoil_currency(object);
}

static bool is_kind(const json_t *object, const char *kind, const char *status)
{
    const char *its_kind = json_string_value(json_object_get(object, "object"));
    const char *its_status = json_string_value(json_object_get(object, "status"));

    return its_kind != NULL && strcmp(its_kind, kind) == 0 && its_status != NULL &&
           strcmp(its_status, status) == 0;
}

/* Shows the object as it was before its success. */
static void make_stale(json_t *object)
{
    json_t *old = NULL;

    if (is_kind(object, "checkout.session", "complete"))
        old = json_pack("{s:s, s:s, s:n}", "status", "open", "payment_status", "unpaid",
                        "payment_intent");
    else if (is_kind(object, "payment_intent", "succeeded"))
        old = json_pack("{s:s, s:i, s:n}", "status", "requires_payment_method",
                        "amount_received", 0, "latest_charge");
    else if (is_kind(object, "charge", "succeeded"))
        old = json_pack("{s:s, s:b, s:b, s:b, s:i, s:i, s:n, s:n}", "status", "pending", "paid", 0,
                        "captured", 0, "refunded", 0, "amount_captured", 0, "amount_refunded", 0,
                        "balance_transaction", "outcome");
    else if (is_kind(object, "refund", "succeeded"))
        old = json_pack("{s:s, s:n}", "status", "pending", "balance_transaction");
    if (old != NULL)
        json_object_update_new(object, old);
}

static void drop_note(json_t *object)
{
    const char *kind = json_string_value(json_object_get(object, "object"));

    if (kind != NULL && strcmp(kind, "refund") == 0)
        json_object_set_new(object, "metadata", json_object());
}

/* Changes this object and every one below it. */
static void each_object(json_t *value, void (*change)(json_t *object))
{
    const char *name;
    json_t     *member;
    size_t      i;

    json_array_foreach(value, i, member)
        each_object(member, change);
    if (json_is_object(value))
        change(value);
    json_object_foreach(value, name, member)
        each_object(member, change);
}

void stripe_spoil_object(json_t *object, const struct fault_plan *plan)
{
    if (plan->distortions & FAULT_STALE)
        each_object(object, make_stale);
    if (plan->distortions & FAULT_NO_NOTE)
        each_object(object, drop_note);
    if (plan->distortions & FAULT_NULLS)
        distort_nulls(object, nullable);
    if (plan->distortions & FAULT_ODD_TEXT)
        distort_texts(object, plan->text);
}

void stripe_spoil_answer(struct exchange *exchange)
{
    const struct fault_plan *plan = &exchange->plan;
    json_t                  *object, *element;
    size_t                   i;
    bool is_wrong = plan->action == FAULT_WRONG_AMOUNT || plan->action == FAULT_WRONG_CURRENCY;

    if ((!is_wrong && plan->distortions == 0) || exchange->response.status != 200)
        return;
    object = json_loads(exchange->response.body, 0, NULL);
    spoil(object, plan->action);
    json_array_foreach(json_object_get(object, "data"), i, element)
        spoil(element, plan->action);
    stripe_spoil_object(object, plan);
    http_answer_json(&exchange->response, exchange->response.status, object);
}
