/*
 * paystack_call.h - one request to the played Paystack while it is carried out, and the ways to
 * answer it.
 *
 * An error is {"status":false,"message":..,"meta":..,"type":..,"code":..}. Source: docs/facts.md,
 * 6.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_CALL_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_CALL_H

#include "paystack.h"
#include "sandbox/http/http.h"
#include "sandbox/http/url_form.h"

struct paystack_call {
    struct paystack *paystack;
    struct exchange *exchange;
    struct url_form      query;
    json_t          *body;                      /* an object; empty for GET */
    char            *id;                        /* from the path, decoded; "" without one */
};

/* {"status":true,"message":..,"data":..}; data is adopted. */
void paystack_answer(struct paystack_call *call, const char *message, json_t *data);

/* The same for something new: 200 or 201, as the settings say. */
void paystack_answer_created(struct paystack_call *call, const char *message, json_t *data);

/* 400, validation_error. code: "missing_params", "invalid_params", "duplicate_reference", .. */
__attribute__((format(printf, 3, 4)))
void paystack_reject(struct paystack_call *call, const char *code, const char *format, ...);

/* Any status of a validation error. */
__attribute__((format(printf, 4, 5)))
void paystack_fail(struct paystack_call *call, int status, const char *code, const char *format,
                   ...);

/* An error with only a message, as for 401 and unknown paths. */
void paystack_refuse(struct paystack_call *call, int status, const char *message);

/* The error that the fault plan of the exchange asks for. */
void paystack_error_injected(struct paystack_call *call);

#endif
