/* Makes a context, its trace id, and ids. */
#include "application/ctx.h"

#include "application/entropy.h"
#include "application/provider.h"
#include "base/hex.h"
#include "domain/ids.h"

struct ctx ctx_new(struct arena *arena, struct store *store,
                   const struct provider *const *providers, const struct settings *settings,
                   int64_t now_ms)
{
    return (struct ctx) {
        .arena = arena,
        .store = store,
        .providers = providers,
        .settings = settings,
        .now_ms = now_ms,
        .trace_id = "",
        .method = "",
        .path = "",
        .actor = { ROLE_NONE, "", ACTOR_CALLER },
    };
}

const char *ctx_new_trace_id(struct arena *arena)
{
    unsigned char random[TRACE_ID_SIZE / 2];

    entropy_fill(random, sizeof(random));
    return hex_text(arena, random, sizeof(random));
}

void ctx_new_id(const struct ctx *ctx, const char *prefix, char text_out[static 32])
{
    unsigned char random[ID_RANDOM_BYTES];

    entropy_fill(random, sizeof(random));
    id_print(prefix, ctx->now_ms, random, text_out);
}

void ctx_new_id_since(const struct ctx *ctx, const char *prefix, int64_t at_ms, int rank,
                      char text_out[static 32])
{
    unsigned char random[ID_RANDOM_BYTES];

    entropy_fill(random, sizeof(random));
    id_print_since(prefix, at_ms, ctx->now_ms, rank, random, text_out);
}

const char *ctx_owner_limit(const struct ctx *ctx)
{
    return ctx->actor.role == ROLE_ADMIN ? NULL : ctx_payer(ctx);
}

const char *ctx_payer(const struct ctx *ctx)
{
    return ctx->actor.kind == ACTOR_KEY ? NULL : ctx->actor.id;
}

struct scopes ctx_scopes(const struct ctx *ctx)
{
    const struct scopes none = { 0 };

    if (ctx->actor.kind == ACTOR_KEY)
        return ctx->api_key->scopes;
    return ctx->actor.role == ROLE_ADMIN ? scopes_all() : none;
}

bool ctx_is_live(const struct ctx *ctx)
{
    for (const struct provider *const *provider = ctx->providers; *provider != NULL; provider++)
        if ((*provider)->livemode)
            return true;
    return false;
}
