/* The history of API keys. Neither the key nor its digest is in it. */
#include "history_api_key.h"

#include "application/api_key_terms.h"
#include "application/store/store_history.h"

void history_api_key_created(struct ctx *ctx, const struct api_key *key)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "keyId", key->id.text);
    json_out_text(&body, "name", key->name);
    json_out_api_key_terms(&body, key);
    store_history_insert(ctx, &(struct change) {
        .action = "api-key.created", .body = json_out_end(&body),
    });
}

void history_api_key_revoked(struct ctx *ctx, const struct api_key *key)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "keyId", key->id.text);
    json_out_text(&body, "name", key->name);
    store_history_insert(ctx, &(struct change) {
        .action = "api-key.revoked", .body = json_out_end(&body),
    });
}
