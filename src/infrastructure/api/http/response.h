/*
 * response.h - an answer with its headers, as bytes for the FastCGI stream.
 *
 * nginx adds X-Request-Id and the security headers. A header value with a control byte is never
 * written: the header is left out.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_HTTP_RESPONSE_H
#define PAYAPI_INFRASTRUCTURE_API_HTTP_RESPONSE_H

#include "application/answer.h"

struct response {
    struct answer answer;
    const char   *content_type;
    const char   *location;             /* of what was created, or NULL */
    const char   *challenge;            /* WWW-Authenticate, or NULL */
    bool          head_only;            /* HEAD: everything but the body */
};

struct bytes response_bytes(struct arena *arena, const struct response *response);

#endif
