/*
 * token_signature.h - is a token signed with our secret, or with the private half of our key?
 *
 * OpenSSL checks all signatures. libjwt, which makes our tokens, would parse each token a second
 * time and its public key again, and supports neither EdDSA nor JWK Sets. The caller has checked
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
