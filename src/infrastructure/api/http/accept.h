/* accept.h - which of our media types the caller wants (RFC 9110 section 12.5.1). Pure. */
#ifndef PAYAPI_INFRASTRUCTURE_API_HTTP_ACCEPT_H
#define PAYAPI_INFRASTRUCTURE_API_HTTP_ACCEPT_H

#include "base/bytes.h"

#define ACCEPT_NONE (-1)

/*
 * The index in offered (count types, our favourite first) of the type with the highest weight; the
 * first of equals. An empty header accepts anything. ACCEPT_NONE: none is acceptable.
 */
int accept_choose(const char *header, const char *const *offered, int count);

#endif
