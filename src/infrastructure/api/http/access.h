/* access.h - lets a caller in, or not: the route says who, the token says who it is. */
#ifndef PAYAPI_INFRASTRUCTURE_API_HTTP_ACCESS_H
#define PAYAPI_INFRASTRUCTURE_API_HTTP_ACCESS_H

#include "infrastructure/auth/token.h"
#include "router.h"

/* Sets ctx->actor. 401 without a good token, 403 when its role is not enough. */
const struct problem *access_check(struct ctx *ctx, const struct token_rules *rules,
                                   const struct request *request);

#endif
