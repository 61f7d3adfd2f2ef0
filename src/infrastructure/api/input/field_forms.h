/* field_forms.h - what texts of a request must look like. Pure. */
#ifndef PAYAPI_INFRASTRUCTURE_API_INPUT_FIELD_FORMS_H
#define PAYAPI_INFRASTRUCTURE_API_INPUT_FIELD_FORMS_H

#include "base/bytes.h"

MUST_CHECK bool form_has_control(const char *text);     /* below a blank, or DEL */
/* name@domain in plain ASCII: what a provider accepts, not all that RFC 5322 allows. */
MUST_CHECK bool form_is_email(const char *text);
/* http or https, a host, no user name, only characters of a URI (RFC 3986). */
MUST_CHECK bool form_is_url(const char *text);
/*
 * Whether the URL has the scheme, host and port of one of the origins, which are separated by
 * blanks.
 */
MUST_CHECK bool form_has_origin(const char *url, const char *origins);

#endif
