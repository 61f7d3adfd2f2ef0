#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/stripe/stripe_documents.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

#include <assert.h>
#include <stdlib.h>

/*
 * The list of what happened, newest first, 30 days back.
 * Source: docs.stripe.com/api/events/list: limit 1 to 100, at most 20 types, each a full name.
 */

#define TYPES_MAX 20

/* What stripe_read_webhook knows, without the wildcards that the list does not take. */
static const char *const types[] = {
    "checkout.session.completed", "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed", "checkout.session.expired",
    "payment_intent.succeeded", "payment_intent.processing", "payment_intent.requires_action",
    "payment_intent.payment_failed", "payment_intent.canceled",
    "refund.created", "refund.updated", "refund.failed", "charge.refund.updated", "charge.refunded",
    "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
    "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))
static_assert(TYPE_COUNT <= TYPES_MAX, "Stripe takes no more types at once");

const struct problem *stripe_write_list_events(struct ctx *ctx, int64_t since_s, const char *after,
                                               struct provider_request *request_out)
{
    struct text path = text_new(ctx->arena);

    text_printf(&path, "/v1/events?limit=%d&created[gte]=%lld", PROVIDER_EVENTS_PAGE_MAX,
                (long long) since_s);
    if (after[0] != '\0')
        text_printf(&path, "&starting_after=%s", form_escape(ctx->arena, after));
    for (size_t i = 0; i < TYPE_COUNT; i++)
        text_printf(&path, "&types[]=%s", types[i]);
    *request_out = (struct provider_request) {
        .operation = "list_events", .method = "GET", .path = text_bytes(&path).data,
        .idempotency_key = "",
    };
    return OK;
}

/* In a text of its own, as a delivery would bring it. */
static struct bytes body_of(struct arena *arena, const json_t *event)
{
    char *text = json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER);

    assert(text != NULL);
    return bytes_of(arena_adopt(arena, text, free));
}

static bool read_event(struct arena *arena, const json_t *event, struct provider_event_page *page)
{
    int64_t created_s;

    if (document_text(event, "id")[0] == '\0' || !document_integer(event, "created", &created_s))
        return false;
    if (created_s > page->newest_s)
        page->newest_s = created_s;
    page->bodies[page->count++] = body_of(arena, event);
    return true;
}

bool stripe_read_event_list(struct ctx *ctx, const struct provider_reply *reply,
                            struct provider_event_page *page_out)
{
    struct provider_event_page page = { .after = "" };
    const json_t *list, *data, *more;
    size_t count;

    if (!reply->complete || reply->http_status != 200)
        return false;
    list = json_parse_object(ctx->arena, reply->body);
    data = json_object_get(list, "data");
    more = json_object_get(list, "has_more");
    count = json_array_size(data);
    if (!document_is(list, "object", "list") || !json_is_array(data) || !json_is_boolean(more) ||
        count > PROVIDER_EVENTS_PAGE_MAX || (json_is_true(more) && count == 0))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_event(ctx->arena, json_array_get(data, i), &page))
            return false;
    if (json_is_true(more))
        page.after = arena_strdup(ctx->arena, document_text(json_array_get(data, count - 1), "id"));
    *page_out = page;
    return true;
}
