/* POST /api/v1/webhooks/...: the raw bytes of a provider's event and their signature. */
#include <assert.h>
#include <string.h>

#include "application/commands.h"
#include "application/provider.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/router.h"
#include "infrastructure/api/output/answer_json.h"

static const char *name_of(enum webhook_outcome outcome)
{
    switch (outcome) {
    case WEBHOOK_APPLIED:    return "applied";
    case WEBHOOK_DUPLICATE:  return "duplicate";
    case WEBHOOK_STORED:     return "stored";
    case WEBHOOK_NOT_FOR_US: return "ignored";
    }
    return "";
}

/* The route's last word is the provider's name: routes.c has one for each row of providers.def. */
static enum provider_id provider_of(const struct request *request)
{
    enum provider_id id;
    bool found = provider_find(strrchr(request->route->pattern, '/') + 1, &id);

    assert(found);
    return id;
}

/* Reads no JSON: the signature covers the raw bytes and must be checked before they are parsed. */
const struct problem *post_webhook(struct ctx *ctx, const struct request *request,
                                   struct answer *answer_out)
{
    enum provider_id id = provider_of(request);
    const struct receive_webhook command = { .provider = provider_name(id),
                                             .signature_header = request->signatures[id],
                                             .raw_body = request->body,
                                             .sender = request->sender };
    struct text text = json_out_begin(ctx->arena);
    enum webhook_outcome outcome;

    ctx->actor = (struct actor) { ROLE_NONE, provider_name(id), ACTOR_WEBHOOK };
    TRY(receive_webhook(ctx, &command, &outcome));
    json_out_bool(&text, "received", true);
    json_out_text(&text, "outcome", name_of(outcome));
    *answer_out = envelope(ctx, 200, json_out_end(&text), NULL);
    return OK;
}
