/*
 * paystack_documents.h - Paystack's documents in our terms (see shared/documents.h for members).
 *
 * Their samples contradict each other: ids are unsigned 64-bit numbers or texts, amounts are
 * numbers or texts, "status" may be the text "false", metadata almost anything. All of it is read.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_PAYSTACK_PAYSTACK_DOCUMENTS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_PAYSTACK_PAYSTACK_DOCUMENTS_H

#include "application/provider.h"
#include "infrastructure/providers/shared/documents.h"

#define PAYSTACK_REFERENCE_MAX ID_TEXT_MAX

/*
 * The JSON object in the bytes, or NULL, as json_parse_object. Whole numbers that do not fit into
 * signed 64 bits are read as texts, digit by digit.
 */
json_t *paystack_document_parse(struct arena *arena, struct bytes bytes);

/*
 * What the envelope {status, message, data} says of the call: it worked, it did not, or neither.
 */
bool paystack_worked(const json_t *document);
bool paystack_did_not_work(const json_t *document);

/* The id in a member that holds a number, a text, or the object itself; "" when absent. */
void paystack_copy_id(const json_t *object, const char *member,
                      char id_out[static PROVIDER_REF_MAX]);
/* A whole number, or the text of one. False, leaving *amount_out alone, for all else. */
bool paystack_amount(const json_t *object, const char *member, int64_t *amount_out);
/* "live" or "test". False, leaving *livemode_out alone, when the object does not say. */
bool paystack_livemode(const json_t *object, bool *livemode_out);

/*
 * The number of the next page of a list, 0 after the last. False, leaving *next_out alone, when the
 * document does not say.
 */
bool paystack_next_page(const json_t *document, int64_t *next_out);

/* Our payment id with - for _, which their alphabet lacks: stays unique there. And back. */
void paystack_reference(struct payment_id id, char reference_out[static PAYSTACK_REFERENCE_MAX]);
bool paystack_payment_id(const char *reference, struct payment_id *id_out);

/*
 * When the object was made, in Unix milliseconds. False, leaving *created_ms_out alone, when it
 * does not say.
 */
bool paystack_created(const json_t *object, int64_t *created_ms_out);

/* What we sent along with an object: payment id, order id and proof. */
void paystack_read_metadata(struct arena *arena, const json_t *object,
                            struct provider_payment *payment_out);

/* The time in the first of these members (NULL ends them) that has one, Unix seconds; 0: none. */
int64_t paystack_time_s(const json_t *object, const char *const *members);

#endif
