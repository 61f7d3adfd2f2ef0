#include "infrastructure/providers/stripe/stripe_parts.h"

#include <string.h>

#include "config.h"

enum { ASKED_SHOULD_RETRY, ASKED_REQUEST_ID };

static void add_header(struct http_request *http, const char *name, const char *value)
{
    http->headers[http->header_count++] = (struct http_header) { name, value };
}

static void add_headers(struct ctx *ctx, struct http_request *http,
                        const struct stripe_account *account,
                        const struct provider_request *request)
{
    add_header(http, "Authorization", arena_printf(ctx->arena, "Bearer %s", account->secret_key));
    add_header(http, "Stripe-Version", account->api_version);
    add_header(http, "Accept", "application/json");
    add_header(http, "User-Agent", "payapi/" PACKAGE_VERSION);
    if (strcmp(request->method, "POST") != 0)
        return;
    add_header(http, "Content-Type", "application/x-www-form-urlencoded");
    add_header(http, "Idempotency-Key", request->idempotency_key);
}

static int should_retry(const char *header)
{
    if (strcmp(header, "true") == 0)
        return 1;
    return strcmp(header, "false") == 0 ? 0 : -1;
}

static struct provider_reply reply_of(const struct http_reply *http)
{
    return (struct provider_reply) {
        .http_status = http->complete ? http->status : 0,
        .body = http->body,
        .sent = http->sent,
        .timed_out = http->timed_out,
        .complete = http->complete,
        .retry_after_s = http->retry_after_s,
        .should_retry = should_retry(http->asked[ASKED_SHOULD_RETRY]),
        .request_id = http->asked[ASKED_REQUEST_ID],
        .error = http->error,
        .duration_ms = http->duration_ms,
    };
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
                   [ASKED_REQUEST_ID] = "Request-Id" },
    };
    struct http_reply answer;

    add_headers(ctx, &http, account, request);
    http_client_call(account->http, ctx->arena, &http, &answer);
    *reply_out = reply_of(&answer);
}
