/* Checks the token or the API key that a route asks for, and what it may do. */
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

static const struct problem *check_token(struct ctx *ctx, const struct token_rules *rules,
                                         const struct request *request)
{
    enum role needed = role_needed(request->route->access);

    if (request->route->access == AUTH_TICKET && *request->authorization == '\0')
        return OK;
    TRY(token_verify(ctx, rules, request->authorization, &ctx->actor));
    if (ctx->actor.role >= needed)
        return OK;
    return problem_new(ctx->arena, PROBLEM_FORBIDDEN, "This needs the role %s.",
                       needed == ROLE_ADMIN ? "admin" : "user");
}

static const struct problem *check_key(struct ctx *ctx, struct api_key_memory *memory,
                                       const char *text, const struct request *request)
{
    const enum scope needed = request->route->scope;

    TRY(api_key_check(ctx, memory, text, request->address));
    if (scopes_allow(ctx->api_key->scopes, needed))
        return OK;
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_FORBIDDEN, "This needs the scope %s.",
                                       scope_name(needed)),
                           "API key %s", ctx->api_key->id.text);
}

const struct problem *access_check(struct ctx *ctx, const struct token_rules *rules,
                                   struct api_key_memory *memory, const struct request *request)
{
    const char *key;

    if (role_needed(request->route->access) == ROLE_NONE)
        return OK;
    key = api_key_of_header(request->authorization);
    return key != NULL ? check_key(ctx, memory, key, request) : check_token(ctx, rules, request);
}
