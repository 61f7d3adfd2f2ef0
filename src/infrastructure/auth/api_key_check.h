/*
 * api_key_check.h - who is calling: API keys. Beside token.h, which is about JSON Web Tokens.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_API_KEY_CHECK_H
#define PAYAPI_INFRASTRUCTURE_AUTH_API_KEY_CHECK_H

#include "application/ctx.h"
#include "infrastructure/auth/api_key_memory.h"

/* The text after "Bearer ", when it is meant to be an API key; else NULL. */
const char *api_key_of_header(const char *authorization);
/*
 * Sets ctx->actor and ctx->api_key. A problem (401) for a key that is not good: the client is not
 * told why, the log is. No statement when the CRC32 is wrong, nor for a remembered key. address: of
 * the caller, as nginx knows it. memory must outlive ctx.
 */
const struct problem *api_key_check(struct ctx *ctx, struct api_key_memory *memory,
                                    const char *text, const char *address);

#endif
