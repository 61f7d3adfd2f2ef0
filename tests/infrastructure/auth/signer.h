/*
 * signer.h - signs tokens as an issuer would, rightly and wrongly, and writes down the issuer's keys.
 * Keys are made when they are first asked for: none stands in the repository.
 */
#ifndef PAYAPI_TESTS_AUTH_SIGNER_H
#define PAYAPI_TESTS_AUTH_SIGNER_H

#include <openssl/evp.h>

#include "infrastructure/auth/token.h"

#define SIGNER_SECRET "a secret of more than thirty-two bytes"

/* The issuer's key pair of this algorithm, and one that nobody knows. */
EVP_PKEY *signer_pair(enum token_algorithm algorithm);
EVP_PKEY *signer_foreign_pair(enum token_algorithm algorithm);

/* How the issuer's tokens are checked: by SIGNER_SECRET, or by the public half as a PEM file. */
struct token_key signer_key(struct arena *arena, enum token_algorithm algorithm);

/* The signature as a JWT has it. pair: of the algorithm, or ignored for HS256. */
struct bytes signer_sign(struct arena *arena, enum token_algorithm algorithm, EVP_PKEY *pair,
                         const char *content);

/* "header.claims", and a whole token with the issuer's signature. */
const char *signer_content(struct arena *arena, const char *header, const char *claims);
const char *signer_token(struct arena *arena, enum token_algorithm algorithm, const char *header,
                         const char *claims);
const char *signer_join(struct arena *arena, const char *content, struct bytes signature);

struct bytes signer_hmac(struct arena *arena, const EVP_MD *digest, struct bytes key,
                         const char *content);
struct bytes signer_digest_sign(struct arena *arena, const EVP_MD *digest, EVP_PKEY *pair,
                                const char *content);
/* An ECDSA signature from DER to two numbers of 32 bytes. */
struct bytes signer_raw_pair(struct arena *arena, struct bytes der);

/* The public half: a PEM file, and a JWK that ends with more (",\"kid\":\"a\"") and its brace. */
const char *signer_pem(struct arena *arena, EVP_PKEY *pair);
const char *signer_jwk(struct arena *arena, EVP_PKEY *pair, const char *more);

#endif
