/*
 * token_key.h - what tokens are checked with: one algorithm, and its secret or its public keys.
 *
 * The algorithm is the configured one, never the one that a token names, and only its own member is
 * used: so a public key cannot serve as an HMAC secret.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_KEY_H
#define PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_KEY_H

#include "infrastructure/auth/token_algorithm.h"
#include "infrastructure/config.h"

struct public_keys;

struct token_key {
    enum token_algorithm      algorithm;
    struct bytes              hs256_secret;     /* of HS256; JWT_SECRET_BYTES_MIN or more */
    const struct public_keys *public_keys;      /* of the others */
};

/*
 * From JWT_ALGORITHM, and JWT_SECRET or JWT_PUBLIC_KEY_FILE, which is read now and never again.
 * False: report->error names the setting and what is wrong. Lives as long as the arena.
 */
MUST_CHECK bool token_key_load(struct arena *arena, const struct config *config,
                               struct token_key *key_out, struct config_report *report);

#endif
