/*
 * stripe_api.h - the HTTP interface of the played Stripe: key, version, parameters, idempotency.
 *
 * Each operation is a row of routes in stripe_api.c: its parameter table and the function that
 * carries it out, called with the lock held.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_API_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_API_H

#include "sandbox/http/http.h"
#include "stripe.h"

/*
 * Does what is due by now: expires sessions, fails refunds that are planned to fail, shows
 * movements on the balance. Call with the lock held.
 */
void stripe_settle_due(struct stripe *stripe);

/* Answers /v1/..., with the delays and errors planned for the exchange. */
void stripe_api_handle(struct stripe *stripe, struct exchange *exchange);

#endif
