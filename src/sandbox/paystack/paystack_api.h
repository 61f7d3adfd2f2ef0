/*
 * paystack_api.h - the HTTP face of the played Paystack: key, JSON in, envelope out.
 *
 * Each operation is a row of routes in paystack_api.c; its function is called with the lock
 * held. Nothing is idempotent here: a reference is the only handle.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_API_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_API_H

#include "paystack.h"
#include "sandbox/http/http.h"

/*
 * What happens by itself when its time has come: disputes nobody answered are accepted, refunds
 * fail. Call with the lock held.
 */
void paystack_settle_due(struct paystack *paystack);

/* Answers one of Paystack's paths. The delays and errors planned are part of it. */
void paystack_api_handle(struct paystack *paystack, struct exchange *exchange);

/* 404, as Paystack says of a path that leads nowhere. */
void paystack_api_answer_nowhere(struct paystack *paystack, struct exchange *exchange);

/* "/transaction/verify/:id"; NULL when the path is none of Paystack's. */
const char *paystack_api_operation(const char *path);

#endif
