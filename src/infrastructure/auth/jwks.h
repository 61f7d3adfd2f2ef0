/*
 * jwks.h - a JWK Set (RFC 7517 section 5) of public keys for one algorithm.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_JWKS_H
#define PAYAPI_INFRASTRUCTURE_AUTH_JWKS_H

#include "infrastructure/auth/public_keys.h"

/*
 * Strict about what it reads (kty, use, key_ops, alg, kid and the key itself; no duplicate members,
 * no private ones); ignores other members, such as x5c. Adds to keys, which must be empty. False:
 * complaint_out says what is wrong, and with which key. The keys live as long as the arena.
 */
MUST_CHECK bool jwks_read(struct arena *arena, enum token_algorithm algorithm, struct bytes text,
                          struct public_keys *keys, const char **complaint_out);

#endif
