/*
 * paystack_spoil.h - answers and events that are well-formed but not what they should be: another
 * amount or currency, old news, no note of ours, odd texts, nulls.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_SPOIL_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_SPOIL_H

#include "sandbox/http/http.h"

/* As the plan of the exchange says. A wrong amount is too small by one: more would be legal. */
void paystack_spoil_answer(struct exchange *exchange);

/* The distortions of the plan alone, to the data of an answer or an event. */
void paystack_spoil_data(json_t *data, const struct fault_plan *plan);

#endif
