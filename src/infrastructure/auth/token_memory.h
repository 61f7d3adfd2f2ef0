/*
 * token_memory.h - remembers good tokens, so that none is parsed and checked twice.
 *
 * A token is known by its SHA-256; its text is not kept. What is remembered of it never changes;
 * the caller must check each time that the token has begun and not expired. The memory holds only
 * for the rules that the tokens were checked by, so it lives as long as they. For one thread.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_MEMORY_H
#define PAYAPI_INFRASTRUCTURE_AUTH_TOKEN_MEMORY_H

#include "application/audit/digest.h"
#include "application/ctx.h"

#define TOKEN_MEMORY_SLOTS 256          /* 80 KiB, when all are in use */
#define TOKEN_SUBJECT_MAX  255

struct known_token {
    enum role role;
    int64_t   begins_s, ends_s;         /* nbf and exp, Unix time; without nbf INT64_MIN */
    char      subject[TOKEN_SUBJECT_MAX + 1];
};

struct token_memory;

struct token_memory *token_memory_new(struct arena *arena);
/* False: it is not known, or no longer. */
bool token_memory_find(const struct token_memory *memory, struct digest digest,
                       struct known_token *known_out);
/* May evict another token. */
void token_memory_keep(struct token_memory *memory, struct digest digest,
                       const struct known_token *known);

#endif
