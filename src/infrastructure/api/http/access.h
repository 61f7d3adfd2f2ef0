/*
 * access.h - lets a caller in, or not: the route says who may, a token or an API key says who it
 * is.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_HTTP_ACCESS_H
#define PAYAPI_INFRASTRUCTURE_API_HTTP_ACCESS_H

#include "infrastructure/auth/api_key_check.h"
#include "infrastructure/auth/token.h"
#include "router.h"

/*
 * Sets ctx->actor. 401 without a good token or key, 403 when its role, or the scopes of the key,
 * are not enough.
 */
const struct problem *access_check(struct ctx *ctx, const struct token_rules *rules,
                                   struct api_key_memory *memory, const struct request *request);

#endif
