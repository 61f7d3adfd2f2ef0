/*
 * stripe_auth.h - checks the caller's key and API version.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_AUTH_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_AUTH_H

#include "stripe_call.h"

/*
 * Requires the secret key as Bearer token or as Basic user, and a well-formed Stripe-Version or
 * none. False after answering the call with an error.
 */
bool stripe_auth_check(struct stripe_call *call);

#endif
