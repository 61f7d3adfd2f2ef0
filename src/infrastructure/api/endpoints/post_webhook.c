/* POST /api/v1/webhooks/...: the raw bytes of a provider's event and their signature. */
#include "application/commands.h"
#include "infrastructure/api/endpoints/endpoints.h"
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

/* Reads no JSON: the signature covers the raw bytes and must be checked before they are parsed. */
static const struct problem *receive(struct ctx *ctx, const struct request *request,
                                     const char *provider, const char *signature,
                                     struct answer *answer_out)
{
    const struct receive_webhook command = { .provider = provider,
                                             .signature_header = signature,
                                             .raw_body = request->body,
                                             .sender = request->sender };
    struct text text = json_out_begin(ctx->arena);
    enum webhook_outcome outcome;

    ctx->actor = (struct actor) { ROLE_NONE, provider };
    TRY(receive_webhook(ctx, &command, &outcome));
    json_out_bool(&text, "received", true);
    json_out_text(&text, "outcome", name_of(outcome));
    *answer_out = envelope(ctx, 200, json_out_end(&text), NULL);
    return OK;
}

const struct problem *post_webhook_stripe(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out)
{
    return receive(ctx, request, "stripe", request->stripe_signature, answer_out);
}

const struct problem *post_webhook_paystack(struct ctx *ctx, const struct request *request,
                                            struct answer *answer_out)
{
    return receive(ctx, request, "paystack", request->paystack_signature, answer_out);
}
