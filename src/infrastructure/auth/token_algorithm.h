/*
 * token_algorithm.h - the algorithms by which a token may be signed, and the longest token.
 *
 * Source: RFC 7518 section 3.1, RFC 8037; EdDSA is Ed25519 alone.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_ALGORITHM_H
#define PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_ALGORITHM_H

#include <stdbool.h>

#include "base/arena.h"

#define TOKEN_SIZE_MAX 4096             /* bytes; a longer one is refused unread */

enum token_algorithm {
    TOKEN_HS256,
    TOKEN_RS256,
    TOKEN_ES256,
    TOKEN_EDDSA
};

/* "ES256": as JWT_ALGORITHM and a token's alg spell it. */
const char *token_algorithm_name(enum token_algorithm algorithm);
/* The algorithm of that name. False, *algorithm_out untouched, when there is none. */
MUST_CHECK bool token_algorithm_parse(const char *name, enum token_algorithm *algorithm_out);

#endif
