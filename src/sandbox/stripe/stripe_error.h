/*
 * stripe_error.h - Stripe's error object and the ways to answer it.
 *
 * code and param may be NULL. Source: providers.md, 1.
 */
#ifndef SANDBOX_STRIPE_ERROR_H
#define SANDBOX_STRIPE_ERROR_H

#include "stripe_api.h"

/* 400: wrong parameters. The execution has not begun: no idempotency key remembers it. */
__attribute__((format(printf, 4, 5)))
void stripe_reject(struct stripe_call *call, const char *code, const char *param,
                   const char *format, ...);

/* The execution failed, and would again: stored under the idempotency key. */
__attribute__((format(printf, 5, 6)))
void stripe_fail(struct stripe_call *call, int status, const char *code, const char *param,
                 const char *format, ...);

/* 404 resource_missing: "No such charge: 'ch_1'". */
void stripe_fail_missing(struct stripe_call *call, const char *what, const char *id,
                         const char *param);

/* Any status and type, for answers from outside of an operation. */
__attribute__((format(printf, 6, 7)))
void stripe_error_answer(struct http_response *response, int status, const char *type,
                         const char *code, const char *param, const char *format, ...);

/* The error that the fault plan of the exchange asks for. */
void stripe_error_injected(struct exchange *exchange);

#endif
