/*
 * public_keys.h - the public keys that tokens are verified with.
 *
 * All are for one algorithm. Keys are checked when the file is read, so that nothing about a key is
 * left to decide when a token arrives: RSA of 2048 to 8192 bits for RS256, P-256 for ES256, Ed25519
 * for EdDSA, points on their curve, no private half, no two keys with one name. Source: RFC 7517
 * section 4, RFC 7518 section 6, RFC 8037 section 2.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_PUBLIC_KEYS_H
#define PAYAPI_INFRASTRUCTURE_AUTH_PUBLIC_KEYS_H

#include <openssl/evp.h>

#include "infrastructure/auth/token_algorithm.h"

#define PUBLIC_KEYS_MAX     16
#define PUBLIC_KEY_NAME_MAX 255
#define RSA_BITS_MIN        2048
#define RSA_BITS_MAX        8192

struct public_key {
    const char *kid;                    /* NULL: it has no name, and is the only one */
    EVP_PKEY   *pkey;
};

struct public_keys {
    struct public_key items[PUBLIC_KEYS_MAX];
    int               count;            /* at least 1 */
};

/*
 * The key that a token's kid names. kid NULL: the token names no key, which is enough when there is
 * only one. A key without a name matches any kid. NULL: there is no such key.
 */
const struct public_key *public_keys_find(const struct public_keys *keys, const char *kid);

/* What makes this key unfit for the algorithm, or NULL. */
const char *public_key_fault(const EVP_PKEY *pkey, enum token_algorithm algorithm);

#endif
