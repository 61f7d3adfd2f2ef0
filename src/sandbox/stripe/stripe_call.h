/*
 * stripe_call.h - one request to the played Stripe while it is carried out, and the ways to answer
 * it.
 *
 * code and param of an error may be NULL. Source: docs/facts.md, 1.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_CALL_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_CALL_H

#include "sandbox/http/http.h"
#include "sandbox/http/url_form.h"
#include "stripe.h"

#define STRIPE_REQUEST_ID_BYTES 32

struct stripe_call {
    struct stripe    *stripe;
    struct exchange  *exchange;
    const struct url_form *form;
    const char       *version;                  /* "2026-10-28.endive" */
    char              id[ITEM_ID_BYTES];        /* from the path; "" without one */
    char              request_id[STRIPE_REQUEST_ID_BYTES];
    json_t           *answer;                   /* by stripe_answer; NULL: refused, or none yet */
    bool              is_rejected;              /* refused before the execution began */
};

/* Answers 200 with the object, which is adopted; requested expansions are applied later. */
void stripe_answer(struct stripe_call *call, json_t *object);

/* 400: wrong parameters. The execution has not begun, so no idempotency key stores this. */
__attribute__((format(printf, 4, 5)))
void stripe_reject(struct stripe_call *call, const char *code, const char *param,
                   const char *format, ...);

/* The execution failed and would fail again, so the answer is stored under the idempotency key. */
__attribute__((format(printf, 5, 6)))
void stripe_fail(struct stripe_call *call, int status, const char *code, const char *param,
                 const char *format, ...);

/* 404 resource_missing: "No such charge: 'ch_1'". */
void stripe_fail_missing(struct stripe_call *call, const char *what, const char *id,
                         const char *param);

/* Any status and type, for errors outside an operation. */
__attribute__((format(printf, 6, 7)))
void stripe_error_answer(struct http_response *response, int status, const char *type,
                         const char *code, const char *param, const char *format, ...);

/* The error that the fault plan of the exchange asks for. */
void stripe_error_injected(struct exchange *exchange);

#endif
