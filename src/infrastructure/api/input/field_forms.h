/* field_forms.h - what texts of a request must look like. Pure. */
#ifndef PAYAPI_INFRASTRUCTURE_API_FIELD_FORMS_H
#define PAYAPI_INFRASTRUCTURE_API_FIELD_FORMS_H

#include "base/bytes.h"

MUST_CHECK bool form_has_control(const char *text);     /* below a blank, or DEL */
/* name@domain of plain ASCII: what a provider takes, not all that RFC 5322 knows. */
MUST_CHECK bool form_is_email(const char *text);
/* http or https, a host, no user name, only characters of a URI (RFC 3986). */
MUST_CHECK bool form_is_url(const char *text);
/*
 * Scheme, host and port of such an address are those of one of the origins, with blanks between
 * them.
 */
MUST_CHECK bool form_has_origin(const char *url, const char *origins);

#endif
