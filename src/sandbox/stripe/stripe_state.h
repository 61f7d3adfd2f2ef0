/*
 * stripe_state.h - the played Stripe account as JSON, and back.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_STATE_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_STATE_H

#include "sandbox/kit/state.h"
#include "stripe.h"

/* All objects, idempotency keys, settings and events under way, at one moment. New. */
json_t *stripe_state_write(struct stripe *stripe);

/* Reads it into an account without objects. False, with the reason in why_out, if it is broken. */
bool stripe_state_read(struct stripe *stripe, const json_t *state,
                       char why_out[STATE_WHY_BYTES]);

#endif
