#include "infrastructure/providers/stripe/stripe_parts.h"

#include <string.h>

#include "infrastructure/providers/shared/calls.h"

enum { ASKED_SHOULD_RETRY, ASKED_REQUEST_ID, ASKED_REPLAYED };

static void add_headers(struct ctx *ctx, struct http_request *http,
                        const struct stripe_account *account,
                        const struct provider_request *request)
{
    call_add_common_headers(ctx, http, account->secret_key);
    call_add_header(http, "Stripe-Version", account->api_version);
    if (strcmp(request->method, "POST") != 0)
        return;
    call_add_header(http, "Content-Type", "application/x-www-form-urlencoded");
    call_add_header(http, "Idempotency-Key", request->idempotency_key);
}

static int should_retry(const char *header)
{
    if (strcmp(header, "true") == 0)
        return 1;
    return strcmp(header, "false") == 0 ? 0 : -1;
}

void stripe_call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out)
{
    const struct stripe_account *account = provider->account;
    struct http_request http = {
        .method = request->method,
        .path = request->path,
        .body = request->body,
        .asked = { [ASKED_SHOULD_RETRY] = "Stripe-Should-Retry",
                   [ASKED_REQUEST_ID] = "Request-Id",
                   [ASKED_REPLAYED] = "Idempotent-Replayed" },
    };
    struct http_reply answer;

    add_headers(ctx, &http, account, request);
    http_client_call(account->http, ctx->arena, &http, &answer);
    *reply_out = call_reply(&answer);
    reply_out->should_retry = should_retry(answer.asked[ASKED_SHOULD_RETRY]);
    reply_out->replayed = strcmp(answer.asked[ASKED_REPLAYED], "true") == 0;
    reply_out->request_id = answer.asked[ASKED_REQUEST_ID];
}
