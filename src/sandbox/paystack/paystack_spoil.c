/* Changes a correct answer or event as its fault plan says. */
#include "paystack_spoil.h"

#include <string.h>

#include "sandbox/http/distort.h"

/* Members that are null in Paystack's documents or samples, except those that say what was paid. */
static const char *const nullable[] = {
    "attachments", "authorization", "connect", "customer", "dueAt", "evidence", "fees",
    "fees_split", "ip_address", "log", "message", "metadata", "note", "order_id", "paidAt",
    "paid_at", "plan", "receipt_number", "refund_amount", "source", NULL,
};

static void spoil(json_t *object, enum fault_action action)
{
    json_t     *amount = json_object_get(object, "amount");
    const char *currency = json_string_value(json_object_get(object, "currency"));

    if (action == FAULT_WRONG_AMOUNT && json_is_integer(amount))
        json_integer_set(amount, json_integer_value(amount) - 1);
    if (action == FAULT_WRONG_CURRENCY && currency != NULL)
        json_object_set_new(object, "currency",
                            json_string(strcmp(currency, "USD") == 0 ? "NGN" : "USD"));
}

static bool has(const json_t *object, const char *name)
{
    return json_object_get(object, name) != NULL;
}

static bool has_status(const json_t *object, const char *status)
{
    const char *its = json_string_value(json_object_get(object, "status"));

    return its != NULL && strcmp(its, status) == 0;
}

static json_t *old_transaction(const json_t *object)
{
    return json_pack("{s:s, s:s, s:n, s:n, s:n, s:{}, s:O}", "status", "ongoing",
                     "gateway_response", "Please wait while the bank confirms", "paid_at",
                     "paidAt", "fees", "authorization", "amount",
                     json_object_get(object, "requested_amount"));
}

/* Shows the object as before its success. Members that only one kind has tell which kind it is. */
static void make_stale(json_t *object)
{
    json_t *old = NULL;

    if (has(object, "requested_amount") &&
        (has_status(object, "success") || has_status(object, "reversed")))
        old = old_transaction(object);
    else if (has(object, "merchant_note") && has_status(object, "processed"))
        old = json_pack("{s:s, s:n, s:n}", "status", "pending", "refunded_at", "bank_reference");
    else if (has(object, "resolvedAt") && has_status(object, "resolved"))
        old = json_pack("{s:s, s:n, s:n}", "status", "awaiting-merchant-feedback", "resolution",
                        "resolvedAt");
    if (old != NULL)
        json_object_update_new(object, old);
}

static void drop_note(json_t *object)
{
    static const char *const notes[] = { "merchant_note", "customer_note", "reason" };

    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (has(object, notes[i]))
            json_object_set_new(object, notes[i], json_string("Refund of a transaction"));
}

/* Changes every relevant object: the data, each of its elements, and the transaction in them. */
static void each_object(json_t *data, void (*change)(json_t *object))
{
    json_t *element;
    size_t  i;

    json_array_foreach(data, i, element)
        each_object(element, change);
    if (!json_is_object(data))
        return;
    change(data);
    each_object(json_object_get(data, "transaction"), change);
}

void paystack_spoil_data(json_t *data, const struct fault_plan *plan)
{
    if (plan->distortions & FAULT_STALE)
        each_object(data, make_stale);
    if (plan->distortions & FAULT_NO_NOTE)
        each_object(data, drop_note);
    if (plan->distortions & FAULT_NULLS)
        distort_nulls(data, nullable);
    if (plan->distortions & FAULT_ODD_TEXT)
        distort_texts(data, plan->text);
}

void paystack_spoil_answer(struct exchange *exchange)
{
    const struct fault_plan *plan = &exchange->plan;
    json_t                  *answer, *data, *element;
    size_t                   i;
    bool is_wrong = plan->action == FAULT_WRONG_AMOUNT || plan->action == FAULT_WRONG_CURRENCY;

    if ((!is_wrong && plan->distortions == 0) || exchange->response.status >= 300)
        return;
    answer = json_loads(exchange->response.body, 0, NULL);
    data = json_object_get(answer, "data");
    spoil(data, plan->action);
    json_array_foreach(data, i, element)
        spoil(element, plan->action);
    paystack_spoil_data(data, plan);
    http_answer_json(&exchange->response, exchange->response.status, answer);
}
