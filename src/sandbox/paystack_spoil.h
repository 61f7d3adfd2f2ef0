/*
 * paystack_spoil.h - answers that are well-formed but wrong: amount or currency.
 */
#ifndef SANDBOX_PAYSTACK_SPOIL_H
#define SANDBOX_PAYSTACK_SPOIL_H

#include "http.h"

/* As the plan of the exchange says. The amount is too small by one: more would be legal. */
void paystack_spoil_answer(struct exchange *exchange);

#endif
