/*
 * paystack_api.h - the HTTP interface of the played Paystack: key, JSON in, envelope out.
 *
 * Each operation is a row of routes in paystack_api.c; its function is called with the lock
 * held. Nothing is idempotent here; only a reference identifies a repeated request.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_API_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_API_H

#include "paystack.h"
#include "sandbox/http/http.h"

/*
 * Does what is due by now: accepts disputes that nobody answered, fails refunds that are planned to
 * fail. Call with the lock held.
 */
void paystack_settle_due(struct paystack *paystack);

/* Answers a request to one of Paystack's paths, with the planned delays and errors. */
void paystack_api_handle(struct paystack *paystack, struct exchange *exchange);

/* 404, Paystack's answer to an unknown path. */
void paystack_api_answer_nowhere(struct paystack *paystack, struct exchange *exchange);

/* "/transaction/verify/:id"; NULL when the path is not one of Paystack's. */
const char *paystack_api_operation(const char *path);

#endif
