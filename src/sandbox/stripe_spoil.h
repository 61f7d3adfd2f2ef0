/*
 * stripe_spoil.h - answers that are well-formed but wrong: amount or currency.
 */
#ifndef SANDBOX_STRIPE_SPOIL_H
#define SANDBOX_STRIPE_SPOIL_H

#include "http.h"

/* Changes the answer as the plan of the exchange says: FAULT_WRONG_AMOUNT, _CURRENCY. */
void stripe_spoil_answer(struct exchange *exchange);

#endif
