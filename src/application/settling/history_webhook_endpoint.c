/* The history of the shop's webhook endpoints. */
#include "history_webhook_endpoint.h"

#include "application/answer.h"
#include "application/store/store_history.h"
#include "base/json_out.h"

static struct bytes body_of(struct ctx *ctx, const struct webhook_endpoint *endpoint)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "endpointId", endpoint->id.text);
    json_out_text(&body, "url", endpoint->url);
    json_out_text(&body, "status", webhook_endpoint_status_name(endpoint->status));
    json_out_i64(&body, "generation", endpoint->generation);
    return json_out_end(&body);
}

void history_webhook_endpoint(struct ctx *ctx, const struct webhook_endpoint *endpoint,
                              const char *action)
{
    store_history_insert(ctx, &(struct change) {
        .action = arena_printf(ctx->arena, "webhook-endpoint.%s", action),
        .body = body_of(ctx, endpoint),
    });
}

void history_webhook_endpoint_tested(struct ctx *ctx, const struct webhook_endpoint *endpoint)
{
    store_history_insert(ctx, &(struct change) {
        .action = "webhook-endpoint.tested",
        .body = body_of(ctx, endpoint),
        .event = DOMAIN_EVENT_WEBHOOK_ENDPOINT_TEST,
        .payload = webhook_endpoint_json(ctx, endpoint),
    });
}

void history_webhook_endpoint_disabled(struct ctx *ctx, const struct webhook_endpoint *endpoint)
{
    store_history_insert(ctx, &(struct change) {
        .action = "webhook-endpoint.disabled",
        .body = body_of(ctx, endpoint),
        .event = DOMAIN_EVENT_WEBHOOK_ENDPOINT_DISABLED,
        .payload = webhook_endpoint_json(ctx, endpoint),
    });
}

void history_webhooks_recovered(struct ctx *ctx, struct webhook_endpoint_id id, int64_t since_ms,
                                int64_t until_ms, int64_t queued)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "endpointId", id.text);
    json_out_time(&body, "since", since_ms);
    json_out_time(&body, "until", until_ms);
    json_out_i64(&body, "queued", queued);
    store_history_insert(ctx, &(struct change) { .action = "webhook-endpoint.recovered",
                                                 .body = json_out_end(&body) });
}

void history_delivery_resent(struct ctx *ctx, struct webhook_endpoint_id id,
                             const char *delivery_id)
{
    struct text body = json_out_begin(ctx->arena);

    json_out_text(&body, "endpointId", id.text);
    json_out_text(&body, "deliveryId", delivery_id);
    store_history_insert(ctx, &(struct change) { .action = "delivery.resent",
                                                 .body = json_out_end(&body) });
}
