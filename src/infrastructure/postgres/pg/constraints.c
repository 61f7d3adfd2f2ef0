/* What the names of constraints mean: each maps to a problem. */
#include "constraints.h"

#include <string.h>

#define ORDER_EXISTS "An order with this id exists already."

static const struct pg_constraint constraints[] = {
    /*
     * A row may violate several constraints at once. PostgreSQL names the one whose index is the
     * oldest, and a restored dump creates the indexes in another order. So constraints that the
     * same row can violate map to the same problem.
     */
    { "orders_pkey", PROBLEM_ORDER_ALREADY_EXISTS, ORDER_EXISTS, false },
    { "order_amount_key", PROBLEM_ORDER_ALREADY_EXISTS, ORDER_EXISTS, false },
    { "one_live_payment", PROBLEM_INVALID_PAYMENT_STATE, "The order has another live payment.",
      true },
    { "refunds_within_captured", PROBLEM_INVALID_PAYMENT_STATE,
      "Less than that is left to refund.", false },
    { "purged_is_finished", PROBLEM_INVALID_PAYMENT_STATE,
      "The event's body is no longer kept, so it cannot be applied again.", false },
    { "number_given_once", PROBLEM_DATABASE_UNAVAILABLE,
      "Another request changed this at the same moment.", true },
};

const struct pg_constraint *constraint_find(const char *name)
{
    for (size_t i = 0; i < sizeof(constraints) / sizeof(constraints[0]); i++)
        if (strcmp(constraints[i].name, name) == 0)
            return &constraints[i];
    return NULL;
}
