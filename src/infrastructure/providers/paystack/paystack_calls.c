#include "infrastructure/providers/paystack/paystack_parts.h"

#include <string.h>

#include "infrastructure/providers/shared/calls.h"

void paystack_call(struct ctx *ctx, const struct provider *provider,
                   const struct provider_request *request, struct provider_reply *reply_out)
{
    const struct paystack_account *account = provider->account;
    struct http_request http = {
        .method = request->method,
        .path = request->path,
        .body = request->body,
    };
    struct http_reply answer;

    call_add_common_headers(ctx, &http, account->secret_keys[0]);
    if (strcmp(request->method, "POST") == 0)
        call_add_header(&http, "Content-Type", "application/json");
    http_client_call(account->http, ctx->arena, &http, &answer);
    *reply_out = call_reply(&answer);
}
