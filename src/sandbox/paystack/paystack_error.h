/*
 * paystack_error.h - {"status":false,"message":..,"meta":..,"type":..,"code":..}
 *
 * Source: providers.md, 6.
 */
#ifndef SANDBOX_PAYSTACK_ERROR_H
#define SANDBOX_PAYSTACK_ERROR_H

#include "paystack_api.h"

/* 400, validation_error. code: "missing_params", "invalid_params", "duplicate_reference", .. */
__attribute__((format(printf, 3, 4)))
void paystack_reject(struct paystack_call *call, const char *code, const char *format, ...);

/* Any status of a validation error. */
__attribute__((format(printf, 4, 5)))
void paystack_fail(struct paystack_call *call, int status, const char *code, const char *format,
                   ...);

/* Only a message: 401 and unknown paths have no more. */
void paystack_refuse(struct paystack_call *call, int status, const char *message);

/* The error that the fault plan of the exchange asks for. */
void paystack_error_injected(struct paystack_call *call);

#endif
