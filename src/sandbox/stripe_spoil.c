#include "stripe_spoil.h"

#include <string.h>

static const char *const amount_names[] = { "amount", "amount_total", "amount_subtotal",
                                            "amount_received", "amount_captured" };

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
    else
        spoil_currency(object);
}

void stripe_spoil_answer(struct exchange *exchange)
{
    enum fault_action action = exchange->plan.action;
    json_t           *object, *element;
    size_t            i;

    if (action != FAULT_WRONG_AMOUNT && action != FAULT_WRONG_CURRENCY)
        return;
    object = json_loads(exchange->response.body, 0, NULL);
    spoil(object, action);
    json_array_foreach(json_object_get(object, "data"), i, element)
        spoil(element, action);
    http_answer_json(&exchange->response, exchange->response.status, object);
}
