/*
 * paystack_params.h - members of a JSON body, the way Paystack takes them.
 *
 * Each function answers the call and returns false when the member is wrong.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_PARAMS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_PARAMS_H

#include "paystack_call.h"

/* A text, borrowed from the body; NULL when it is absent or null. */
bool paystack_read_text(struct paystack_call *call, const char *name, const char **text_out);

/* The same, but it must be there and not be empty. */
bool paystack_read_required(struct paystack_call *call, const char *name, const char **text_out);

/* A positive number or text of digits; 0 when it is absent. */
bool paystack_read_amount(struct paystack_call *call, const char *name, int64_t *amount_out);

/* An object, or the text of one; borrowed, NULL when it is absent. */
bool paystack_read_metadata(struct paystack_call *call, json_t **metadata_out);

/* A text, or an integer as text, into text_out[size_bytes]: an id. It must be there. */
bool paystack_read_name(struct paystack_call *call, const char *name, char *text_out,
                        size_t size_bytes);

#endif
