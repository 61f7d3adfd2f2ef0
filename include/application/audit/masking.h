/*
 * masking.h - what providers were sent or sent us, fit to be shown: what is not known to be
 * harmless is hidden.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_MASKING_H
#define PAYAPI_APPLICATION_AUDIT_MASKING_H

#include "base/arena.h"

/*
 * A form (name=value joined by &) whose values are replaced by *** unless the name is on the list
 * of amounts, currencies, times and ids in masking.c. Names stay: what was sent can be told, not
 * for whom. Anything that is no form is hidden as a whole.
 */
const char *mask_form(struct arena *arena, const char *form);

/*
 * The same for JSON (RFC 8259), by the names of members: strings and numbers are replaced by "***"
 * unless their name, or that of the array they stand in, is on the list in masking_json.c. Blanks
 * go. What is no JSON, or nested deeper than 32, gives "***" as a whole. Always JSON, when json is
 * UTF-8.
 */
const char *mask_json(struct arena *arena, struct bytes json);

/* A request body: JSON when it begins like an object, else a form. */
const char *mask_request(struct arena *arena, const char *body);

#endif
