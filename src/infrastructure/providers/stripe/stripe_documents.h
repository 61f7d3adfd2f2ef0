/*
 * stripe_documents.h - Stripe's objects in our words (see shared/documents.h for reading members).
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_STRIPE_STRIPE_DOCUMENTS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_STRIPE_STRIPE_DOCUMENTS_H

#include "application/provider.h"
#include "infrastructure/providers/shared/documents.h"

/* The id in a member that holds an id or the object itself; "" when absent. */
const char *stripe_id(const json_t *object, const char *member);

/* Our payment id and Stripe's ids, from a checkout.session, a payment_intent or what names one. */
void stripe_read_references(const json_t *object, struct provider_payment *payment_out);
/* The object's amount and currency; both stay as they are when one cannot be read. */
void stripe_read_amount(const json_t *object, const char *member,
                        struct provider_payment *payment_out);

/* Why a payment failed: a code and a sentence for the payer; lost, stolen and fraud stay hidden. */
void stripe_read_failure(const json_t *error, char code_out[static FAILURE_CODE_MAX],
                         char reason_out[static FAILURE_REASON_MAX]);

#endif
