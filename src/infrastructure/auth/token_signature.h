/*
 * token_signature.h - is a token signed by who has our secret, or the private half of our key?
 *
 * OpenSSL checks all of them. libjwt, which makes our tokens, would read the token a second time,
 * parse a public key again for each, and knows neither EdDSA nor JWK Sets. The caller has checked
 * header and shape.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_SIGNATURE_H
#define PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_SIGNATURE_H

#include "infrastructure/auth/token_key.h"

/* A token whose header names key->algorithm. */
struct signed_token {
    struct bytes content;               /* "header.claims": what is signed */
    struct bytes signature;             /* decoded */
    const char  *kid;                   /* NULL: the header names no key */
};

/* NULL when the signature fits; else why not, for our log. */
const char *token_signature_fault(struct arena *arena, const struct token_key *key,
                                  const struct signed_token *token);

#endif
