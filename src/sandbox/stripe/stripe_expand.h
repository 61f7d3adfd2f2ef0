/*
 * stripe_expand.h - expand[]: ids in an answer replaced by the objects they name.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_EXPAND_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_EXPAND_H

#include "stripe_call.h"

/* False when the sandbox cannot expand some part of the path. */
bool stripe_expand_is_known(const char *path);

/*
 * Follows a known path such as "payment_intent.latest_charge" or "data.payment_intent" from
 * object; ignores parts that the object does not have.
 */
void stripe_expand(const struct stripe *stripe, json_t *object, const char *path);

#endif
