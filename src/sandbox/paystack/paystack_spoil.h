/*
 * paystack_spoil.h - answers and events that are well-formed but wrong: another amount or currency,
 * an old state, without our note, odd texts, nulls.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_SPOIL_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_SPOIL_H

#include "sandbox/http/http.h"

/* Follows the plan of the exchange. A wrong amount is too small by one: more would be legal. */
void paystack_spoil_answer(struct exchange *exchange);

/* Applies only the distortions of the plan, to the data of an answer or an event. */
void paystack_spoil_data(json_t *data, const struct fault_plan *plan);

#endif
