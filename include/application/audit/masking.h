/*
 * masking.h - makes what we sent providers, and they us, fit to be shown: hides everything that is
 * not known to be harmless.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_MASKING_H
#define PAYAPI_APPLICATION_AUDIT_MASKING_H

#include "base/arena.h"

/*
 * Masks a form (name=value joined by &): values become *** unless the name is on the list of
 * amounts, currencies, times and ids in masking.c. Names stay: they show what was sent, but not for
 * whom. Anything that is no form is hidden as a whole.
 */
const char *mask_form(struct arena *arena, const char *form);

/*
 * The same for JSON (RFC 8259), by the names of members: strings and numbers become "***" unless
 * their name, or that of their array, is on the list in masking_json.c. Blanks are removed.
 * Anything that is not JSON, or is nested deeper than 32, becomes "***" as a whole. If json is
 * UTF-8, the result is always JSON.
 */
const char *mask_json(struct arena *arena, struct bytes json);

/* A request body: JSON when it begins like an object, else a form. */
const char *mask_request(struct arena *arena, const char *body);

#endif
