/*
 * paystack_api.h - the HTTP face of the played Paystack: key, JSON in, envelope out.
 *
 * Each operation is a row of routes in paystack_api.c; its function is called with the lock
 * held. Nothing is idempotent here: a reference is the only handle.
 */
#ifndef SANDBOX_PAYSTACK_API_H
#define SANDBOX_PAYSTACK_API_H

#include "paystack.h"
#include "sandbox/http/form.h"
#include "sandbox/http/http.h"

/* One API request while it is carried out. */
struct paystack_call {
    struct paystack *paystack;
    struct exchange *exchange;
    struct form      query;
    json_t          *body;                      /* an object; empty for GET */
    char            *id;                        /* from the path, decoded; "" without one */
};

/* Answers one of Paystack's paths. The delays and errors planned are part of it. */
void paystack_api_handle(struct paystack *paystack, struct exchange *exchange);

/* 404, as Paystack says of a path that leads nowhere. */
void paystack_api_answer_nowhere(struct paystack *paystack, struct exchange *exchange);

/* "/transaction/verify/:id"; NULL when the path is none of Paystack's. */
const char *paystack_api_operation(const char *path);

/* {"status":true,"message":..,"data":..}; data is adopted. */
void paystack_answer(struct paystack_call *call, const char *message, json_t *data);

/* The same for something new: 200 or 201, as the settings say. */
void paystack_answer_created(struct paystack_call *call, const char *message, json_t *data);

#endif
