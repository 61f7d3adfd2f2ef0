/*
 * stripe_api.h - the HTTP face of the played Stripe: key, version, parameters, idempotency.
 *
 * Each operation is a row of routes in stripe_api.c: its parameter table and the function that
 * carries it out, called with the lock held.
 */
#ifndef SANDBOX_STRIPE_API_H
#define SANDBOX_STRIPE_API_H

#include "sandbox/http/form.h"
#include "sandbox/http/http.h"
#include "stripe.h"

#define STRIPE_REQUEST_ID_BYTES 32

/* One API request while it is carried out. */
struct stripe_call {
    struct stripe    *stripe;
    struct exchange  *exchange;
    const struct form *form;
    const char       *version;                  /* "2026-10-28.endive" */
    char              id[ITEM_ID_BYTES];        /* from the path; "" without one */
    char              request_id[STRIPE_REQUEST_ID_BYTES];
    bool              is_rejected;              /* refused before the execution began */
};

/* Answers /v1/... The delays and errors planned for the exchange are part of it. */
void stripe_api_handle(struct stripe *stripe, struct exchange *exchange);

/* Answers 200 with the object, which is adopted, after the expansions asked for. */
void stripe_answer(struct stripe_call *call, json_t *object);

#endif
