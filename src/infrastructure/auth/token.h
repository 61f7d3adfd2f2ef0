/*
 * token.h - who is calling: JSON Web Tokens (RFC 7519).
 *
 * A library checks the signature (token_signature.h) and nothing else. All other checks are here,
 * on header and claims as we parse them ourselves, so that a duplicate claim, a critical extension
 * or another algorithm than the configured one never reaches a library.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_H
#define PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_H

#include "application/ctx.h"
#include "infrastructure/auth/token_key.h"
#include "infrastructure/auth/token_memory.h"

#define TOKEN_LEEWAY_S 30               /* clocks differ */

struct token_rules {
    struct token_key     key;
    const char          *issuer;        /* "" : not checked */
    const char          *audience;      /* "" : not checked */
    int                  lifetime_max_s;        /* from iat to exp; 0: not checked */
    struct token_memory *memory;  /* of tokens good by these rules; NULL: each is checked in full */
};

/*
 * The caller that an Authorization header names. A problem (401) when there is no good token. A
 * token without a role of ours gives ROLE_NONE: known, but allowed nothing. Result in the arena.
 */
const struct problem *token_verify(struct ctx *ctx, const struct token_rules *rules,
                                   const char *authorization, struct actor *actor_out);

/* True when the header is an attempt at a bearer token: its refusal is then named invalid_token. */
bool token_is_present(const char *authorization);
/* What follows the scheme of such a header. */
const char *token_text(const char *authorization);

struct token_wish {
    const char *subject;
    enum role   role;
    int64_t     issued_at_s;
    int64_t     expires_at_s;
};
/*
 * A token that token_verify accepts under the same rules, which must be for HS256: for the other
 * algorithms we have only the public half. NULL when the wish cannot be a token.
 */
char *token_mint(struct arena *arena, const struct token_rules *rules,
                 const struct token_wish *wish);

#endif
