/*
 * token_signature.h - is a token signed by who has our secret, or the private half of our key?
 *
 * HS256 is libjwt's, which checks the signature and nothing else, and not even that when its key is
 * empty. The others are OpenSSL's: libjwt would parse the key again for each token, and knows neither
 * EdDSA nor JWK Sets. Either way the caller has checked header and shape before.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_SIGNATURE_H
#define PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_SIGNATURE_H

#include "infrastructure/auth/token_key.h"

/* A token whose header names key->algorithm. */
struct signed_token {
    const char  *text;                  /* all of it */
    struct bytes content;               /* "header.claims": what is signed */
    struct bytes signature;             /* decoded */
    const char  *kid;                   /* NULL: the header names no key */
};

/* NULL when the signature fits; else why not, for our log. */
const char *token_signature_fault(struct arena *arena, const struct token_key *key,
                                  const struct signed_token *token);

#endif
