/* What the HTTP calls of every provider have in common: headers, and the reply in our words. */
#include "config.h"

#include "infrastructure/providers/shared/calls.h"

void call_add_header(struct http_request *http, const char *name, const char *value)
{
    http->headers[http->header_count++] = (struct http_header) { name, value };
}

void call_add_common_headers(struct ctx *ctx, struct http_request *http, const char *secret_key)
{
    call_add_header(http, "Authorization", arena_printf(ctx->arena, "Bearer %s", secret_key));
    call_add_header(http, "Accept", "application/json");
    call_add_header(http, "User-Agent", "payapi/" PACKAGE_VERSION);
}

static int believable(int retry_after_s)
{
    return retry_after_s < PROVIDER_RETRY_AFTER_MAX_S ? retry_after_s : PROVIDER_RETRY_AFTER_MAX_S;
}

struct provider_reply call_reply(const struct http_reply *http)
{
    return (struct provider_reply) {
        .http_status = http->complete ? http->status : 0,
        .body = http->body,
        .sent = http->sent,
        .timed_out = http->timed_out,
        .complete = http->complete,
        .retry_after_s = believable(http->retry_after_s),
        .should_retry = -1,
        .request_id = "",
        .error = http->error,
        .duration_ms = http->duration_ms,
    };
}
