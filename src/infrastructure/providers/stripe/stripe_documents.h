/*
 * stripe_documents.h - reads the JSON documents that Stripe sends: leniently about members we do
 * not know, strictly about types. A member of another type, or a text too long, counts as absent.
 *
 * Documents are borrowed from the arena that adopted them; nothing here allocates but the parser.
 */
#ifndef PAYAPI_STRIPE_DOCUMENTS_H
#define PAYAPI_STRIPE_DOCUMENTS_H

#include <jansson.h>

#include "application/provider.h"

#define STRIPE_DEPTH_MAX 64

/* The JSON object in the bytes, or NULL: not JSON, no object, a member twice, nested too deep. */
json_t *stripe_document_parse(struct arena *arena, struct bytes bytes);

/* The text of a member, or "" when absent. Borrowed. */
const char *stripe_text(const json_t *object, const char *member);
/* False, leaving *number_out alone, when the member is no integer. */
bool stripe_integer(const json_t *object, const char *member, int64_t *number_out);
bool stripe_is(const json_t *object, const char *member, const char *text);
/* The id in a member that holds an id or the object itself; "" when absent. */
const char *stripe_id(const json_t *object, const char *member);

/* Copies text that fits; leaves "" when it does not. */
void stripe_copy(char *to_out, size_t size, const char *text);
/* Copies as many whole UTF-8 characters as fit: for texts that only people read. */
void stripe_copy_start(char *to_out, size_t size, const char *text);

/* Our payment id and their ids out of a checkout.session or payment_intent, or what names one. */
void stripe_read_references(const json_t *object, struct provider_payment *payment_out);
/* Amount and currency that the object names; both stay as they are when one cannot be read. */
void stripe_read_amount(const json_t *object, const char *member,
                        struct provider_payment *payment_out);

/* Why a payment failed: a code and a sentence for the payer; lost, stolen and fraud stay hidden. */
void stripe_read_failure(const json_t *error, char code_out[static FAILURE_CODE_MAX],
                         char reason_out[static FAILURE_REASON_MAX]);

#endif
