/*
 * stripe_intents.h - the operations on payment intents and charges.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_INTENTS_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_INTENTS_H

#include "stripe_call.h"

void stripe_intents_retrieve(struct stripe_call *call);
void stripe_intents_cancel(struct stripe_call *call);
void stripe_charges_retrieve(struct stripe_call *call);
void stripe_charges_list(struct stripe_call *call);

#endif
