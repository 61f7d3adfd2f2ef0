/*
 * stripe_auth.h - who may call, and which version he speaks.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_AUTH_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_AUTH_H

#include "stripe_call.h"

/*
 * The secret key as Bearer token or as Basic user; a well-formed Stripe-Version or none. False
 * when the call was answered by an error.
 */
bool stripe_auth_check(struct stripe_call *call);

#endif
