#include "constraints.h"

#include <string.h>

static const struct pg_constraint constraints[] = {
    { "orders_pkey", PROBLEM_ORDER_ALREADY_EXISTS, "An order with this id exists already.", false },
    { "one_live_payment", PROBLEM_INVALID_PAYMENT_STATE, "The order has another live payment.",
      true },
    { "refunds_within_captured", PROBLEM_INVALID_PAYMENT_STATE,
      "Less than that is left to refund.", false },
    { "purged_is_finished", PROBLEM_INVALID_PAYMENT_STATE,
      "The event's body is no longer kept, so it cannot be applied again.", false },
    { "event_order_within_aggregate", PROBLEM_DATABASE_UNAVAILABLE,
      "Another request changed this at the same moment.", true },
};

const struct pg_constraint *constraint_find(const char *name)
{
    for (size_t i = 0; i < sizeof(constraints) / sizeof(constraints[0]); i++)
        if (strcmp(constraints[i].name, name) == 0)
            return &constraints[i];
    return NULL;
}
