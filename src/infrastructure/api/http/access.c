/* Checks the token that a route asks for, and its role. */
#include "access.h"

/* The lowest role that may use such a route. */
static enum role role_needed(enum access access)
{
    switch (access) {
    case AUTH_NONE:
    case AUTH_SIGNATURE: return ROLE_NONE;
    case AUTH_USER:
    case AUTH_TICKET:    return ROLE_USER;
    case AUTH_ADMIN:     return ROLE_ADMIN;
    }
    return ROLE_ADMIN;
}

const struct problem *access_check(struct ctx *ctx, const struct token_rules *rules,
                                   const struct request *request)
{
    enum role needed = role_needed(request->route->access);

    if (needed == ROLE_NONE)
        return OK;
    if (request->route->access == AUTH_TICKET && *request->authorization == '\0')
        return OK;
    TRY(token_verify(ctx, rules, request->authorization, &ctx->actor));
    if (ctx->actor.role >= needed)
        return OK;
    return problem_new(ctx->arena, PROBLEM_FORBIDDEN, "This needs the role %s.",
                       needed == ROLE_ADMIN ? "admin" : "user");
}
