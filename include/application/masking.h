/*
 * masking.h - a provider request fit to be shown: what is not known to be harmless is hidden.
 */
#ifndef PAYAPI_APPLICATION_MASKING_H
#define PAYAPI_APPLICATION_MASKING_H

#include "base/arena.h"

/*
 * A request body, form or JSON, whose values are replaced by *** unless the name is on the list of
 * amounts, currencies, times and ids in masking.c. Names stay: what was sent can be told, not for
 * whom.
 */
const char *mask_request(struct arena *arena, const char *body);

/* The same of a form (name=value joined by &). Anything that is no form is hidden as a whole. */
const char *mask_form(struct arena *arena, const char *form);
/*
 * The same of JSON; what stands in an array goes by the array's name. Text that ends too early, or
 * holds no such thing, is hidden as a whole.
 */
const char *mask_json(struct arena *arena, const char *json);

#endif
