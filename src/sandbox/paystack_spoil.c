#include "paystack_spoil.h"

#include <string.h>

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

void paystack_spoil_answer(struct exchange *exchange)
{
    enum fault_action action = exchange->plan.action;
    json_t           *answer, *data, *element;
    size_t            i;

    if (action != FAULT_WRONG_AMOUNT && action != FAULT_WRONG_CURRENCY)
        return;
    answer = json_loads(exchange->response.body, 0, NULL);
    data = json_object_get(answer, "data");
    spoil(data, action);
    json_array_foreach(data, i, element)
        spoil(element, action);
    http_answer_json(&exchange->response, exchange->response.status, answer);
}
