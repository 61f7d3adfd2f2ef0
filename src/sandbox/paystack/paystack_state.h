/*
 * paystack_state.h - the played Paystack account as JSON, and back.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_STATE_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_STATE_H

#include "paystack.h"
#include "sandbox/kit/state.h"

/* All objects, settings and events under way, at one moment. New. */
json_t *paystack_state_write(struct paystack *paystack);

/* Reads it into an account without objects. False, with the reason in why_out, if it is broken. */
bool paystack_state_read(struct paystack *paystack, const json_t *state,
                         char why_out[STATE_WHY_BYTES]);

#endif
