/*
 * base64url.h - base64 with the URL-safe alphabet and without padding (RFC 4648 section 5).
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_BASE64URL_H
#define PAYAPI_INFRASTRUCTURE_AUTH_BASE64URL_H

#include "base/arena.h"

char *base64url_encode(struct arena *arena, struct bytes bytes);

/*
 * Strict: only the alphabet, no padding, no impossible length, unused bits zero; so every sequence
 * of bytes has exactly one text. A NUL follows the decoded bytes.
 */
MUST_CHECK bool base64url_decode(struct arena *arena, struct bytes text, struct bytes *bytes_out);

#endif
