/*
 * idempotency_header.h - the Idempotency-Key of a request, and what the key is bound to.
 *
 * The key may be bare or a quoted string (RFC 9651 section 3.3.3, as the IETF draft writes it);
 * both name the same key. The fingerprint is SHA-256 over method, path and the canonical body
 * (json_body.h), one per line: blanks and the order of members do not count, digits do.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_HTTP_IDEMPOTENCY_HEADER_H
#define PAYAPI_INFRASTRUCTURE_API_HTTP_IDEMPOTENCY_HEADER_H

#include "application/idempotency.h"
#include "infrastructure/api/input/json_body.h"

#define IDEMPOTENCY_KEY_BYTES_MAX 255

/* NULL in *key_out when there is no header; 400 when it is malformed. */
const struct problem *idempotency_key_read(struct ctx *ctx, const struct request *request,
                                           const struct json_body *body,
                                           const struct idempotency_key **key_out);

#endif
