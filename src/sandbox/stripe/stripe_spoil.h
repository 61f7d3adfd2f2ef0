/*
 * stripe_spoil.h - answers and events that are well-formed but wrong: another amount or currency,
 * an old state, without our metadata, odd texts, nulls.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_SPOIL_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_SPOIL_H

#include "sandbox/http/http.h"

/* Changes the answer as the plan of the exchange says. */
void stripe_spoil_answer(struct exchange *exchange);

/* Applies only the distortions of the plan, to an object of Stripe's and all below it. */
void stripe_spoil_object(json_t *object, const struct fault_plan *plan);

#endif
