/*
 * masking.h - a provider request fit to be shown: what is not known to be harmless is hidden.
 */
#ifndef PAYAPI_APPLICATION_MASKING_H
#define PAYAPI_APPLICATION_MASKING_H

#include "base/arena.h"

/*
 * A form (name=value joined by &) whose values are replaced by *** unless the name is on the list of
 * amounts, currencies, times and ids in masking.c. Names stay: what was sent can be told, not for
 * whom. Anything that is no form is hidden as a whole.
 */
const char *mask_form(struct arena *arena, const char *form);

#endif
