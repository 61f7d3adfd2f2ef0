/* Finds the key that a caller shows, and judges it. */
#include "infrastructure/auth/api_key_check.h"

#include "application/queries.h"
#include "infrastructure/auth/token.h"
#include "infrastructure/postgres/store_pg.h"

/* Names a key that we know by its id; an unknown text appears nowhere. */
static const struct problem *refuse(struct ctx *ctx, const char *id, const char *cause)
{
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_UNAUTHORIZED,
                                       "The API key is not valid."),
                           "API key %s: %s", id, cause);
}

const char *api_key_of_header(const char *authorization)
{
    const char *text;

    if (!token_is_present(authorization))
        return NULL;
    text = token_text(authorization);
    return api_key_is_meant(text) ? text : NULL;
}

/* NULL in *key_out: nobody has it. */
static const struct problem *look_up(struct ctx *ctx, struct api_key_memory *memory,
                                     const char *text, struct api_key **key_out)
{
    const struct bytes bytes = bytes_of(text);
    struct digest digest = digest_of(&bytes, 1);
    struct api_key key;
    bool found;

    *key_out = api_key_memory_find(memory, digest, ctx->now_ms);
    if (*key_out != NULL)
        return OK;
    TRY(store_ready(ctx));
    TRY(find_api_key(ctx, digest, &key, &found));
    if (found)
        *key_out = api_key_memory_keep(memory, digest, &key, ctx->now_ms);
    return OK;
}

static struct actor actor_of(const struct api_key *key)
{
    const enum role role = scopes_allow(key->scopes, SCOPE_ADMIN) ? ROLE_ADMIN : ROLE_SHOP;

    return (struct actor) { role, key->id.text, ACTOR_KEY };
}

const struct problem *api_key_check(struct ctx *ctx, struct api_key_memory *memory,
                                    const char *text, const char *address)
{
    struct api_key *key;
    const char *fault;
    bool live;

    if (!api_key_read(text, &live))
        return refuse(ctx, "unknown", "its CRC32 or its form is wrong");
    TRY(look_up(ctx, memory, text, &key));
    if (key == NULL)
        return refuse(ctx, "unknown", "there is no such key");
    fault = api_key_fault(key, ctx_is_live(ctx), address, ctx->now_ms);
    if (fault != NULL)
        return refuse(ctx, key->id.text, fault);
    ctx->api_key = key;
    ctx->actor = actor_of(key);
    return OK;
}
