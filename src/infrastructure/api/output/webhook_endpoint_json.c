/* The shop's webhook endpoints and deliveries as JSON. */
#include "webhook_endpoint_json.h"

#include "application/answer.h"
#include "base/json_out.h"
#include "infrastructure/webhooks_out/webhook_secrets.h"

/* --- Endpoints ------------------------------------------------------------------------------ */

static void write_events(struct text *text, struct webhook_events events)
{
    json_out_array(text, "events");
    if (events.all)
        json_out_text(text, NULL, "*");
    for (enum domain_event event = DOMAIN_EVENT_NONE + 1;
         event < DOMAIN_EVENT_COUNT && !events.all; event++)
        if (webhook_events_hold(events, event))
            json_out_text(text, NULL, domain_event_name(event));
    json_out_array_end(text);
}

static void write_endpoint(struct text *text, const struct webhook_endpoint *endpoint)
{
    bool rotated = endpoint->signs_from < endpoint->generation;

    json_out_text(text, "id", endpoint->id.text);
    json_out_text(text, "url", endpoint->url);
    write_events(text, endpoint->events);
    json_out_optional(text, "description", endpoint->description);
    json_out_text(text, "status", webhook_endpoint_status_name(endpoint->status));
    json_out_optional(text, "disabledReason",
                      webhook_disabled_reason_name(endpoint->disabled_reason));
    json_out_i64(text, "failures", endpoint->failures);
    json_out_time(text, "failingSince", endpoint->failing_since_ms);
    json_out_time(text, "formerSecretsUntil", rotated ? endpoint->former_until_ms : 0);
    json_out_time(text, "createdAt", endpoint->created_at_ms);
    json_out_time(text, "updatedAt", endpoint->updated_at_ms);
}

struct bytes webhook_endpoint_json(struct ctx *ctx, const struct webhook_endpoint *endpoint)
{
    struct text text = json_out_begin(ctx->arena);

    write_endpoint(&text, endpoint);
    return json_out_end(&text);
}

struct bytes webhook_endpoint_json_with_secret(struct ctx *ctx,
                                               const struct webhook_endpoint *endpoint)
{
    struct text text = json_out_begin(ctx->arena);

    write_endpoint(&text, endpoint);
    json_out_text(&text, "secret",
                  webhook_secret_print(ctx->settings->webhook_secrets, ctx->arena, endpoint->id,
                                       endpoint->generation));
    return json_out_end(&text);
}

/* --- Deliveries ----------------------------------------------------------------------------- */

static void write_attempt(struct text *text, const char *name,
                          const struct delivery_attempt *attempt)
{
    json_out_object(text, name);
    json_out_i64(text, "number", attempt->number);
    json_out_time(text, "at", attempt->at_ms);
    json_out_i64(text, "durationMs", attempt->duration_ms);
    if (attempt->http_status != 0)
        json_out_i64(text, "httpStatus", attempt->http_status);
    else
        json_out_null(text, "httpStatus");
    json_out_optional(text, "error", attempt->error);
    json_out_text(text, "answer", attempt->answer);
    json_out_object_end(text);
}

static void write_delivery(struct text *text, const struct delivery *delivery)
{
    json_out_text(text, "id", delivery->id);
    json_out_text(text, "endpointId", delivery->endpoint_id);
    json_out_text(text, "eventId", delivery->event_id);
    json_out_text(text, "eventType", delivery->event_type);
    json_out_optional(text, "paymentId", delivery->payment_id);
    json_out_i64(text, "sequence", delivery->seq);
    json_out_text(text, "status", delivery->status);
    json_out_i64(text, "attemptCount", delivery->attempts);
    json_out_time(text, "nextAttemptAt", delivery->next_at_ms);
    json_out_time(text, "createdAt", delivery->event_at_ms);
    json_out_time(text, "deliveredAt", delivery->delivered_at_ms);
}

void delivery_json(struct text *text, const struct delivery *delivery)
{
    json_out_object(text, NULL);
    write_delivery(text, delivery);
    if (delivery->last.number > 0)
        write_attempt(text, "lastAttempt", &delivery->last);
    else
        json_out_null(text, "lastAttempt");
    json_out_object_end(text);
}

void delivery_details_json(struct text *text, const struct delivery_details *details)
{
    json_out_object(text, NULL);
    write_delivery(text, &details->delivery);
    json_out_array(text, "attempts");
    for (int i = 0; i < details->attempt_count; i++)
        write_attempt(text, NULL, &details->attempts[i]);
    json_out_array_end(text);
    json_out_object_end(text);
}

void recovery_json(struct text *text, const struct webhook_recovery *recovery)
{
    json_out_object(text, NULL);
    json_out_i64(text, "queued", recovery->queued);
    json_out_bool(text, "complete", recovery->complete);
    json_out_time(text, "continueFrom", recovery->complete ? 0 : recovery->continue_from_ms);
    json_out_object_end(text);
}
