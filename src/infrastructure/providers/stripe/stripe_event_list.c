/*
 * Reads Stripe's list of events, newest first, 30 days back.
 * Source: docs.stripe.com/api/events/list: limit 1 to 100, at most 20 types, each a full name.
 */
#include <assert.h>

#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/stripe/stripe_documents.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

static_assert(FOREIGN_LIST_MAX <= PROVIDER_EVENTS_PAGE_MAX, "a page holds what was listed");

const struct problem *stripe_write_list_events(struct ctx *ctx, int64_t since_s, const char *after,
                                               struct provider_request *request_out)
{
    struct text path = text_new(ctx->arena);

    text_printf(&path, "/v1/events?limit=%d&created[gte]=%lld", PROVIDER_EVENTS_PAGE_MAX,
                (long long) since_s);
    if (after[0] != '\0')
        text_printf(&path, "&starting_after=%s", form_escape(ctx->arena, after));
    stripe_write_event_types(&path);
    *request_out = (struct provider_request) {
        .operation = OP_LIST_EVENTS, .method = "GET", .path = text_bytes(&path).data,
        .idempotency_key = "",
    };
    return OK;
}

/* An unreadable event is passed on as it came: its reader reports it, and the list goes on. */
static void take_event(struct arena *arena, struct bytes body, struct provider_event_page *page,
                       const char **last_id)
{
    const json_t *event = foreign_json_object(arena, body);
    const char *id = document_text(event, "id");
    int64_t created_s;

    if (document_time(event, "created", &created_s) && created_s > page->newest_s)
        page->newest_s = created_s;
    if (id[0] != '\0')
        *last_id = id;
    page->bodies[page->count++] = body;
}

bool stripe_read_event_list(struct ctx *ctx, const char *after, const struct provider_reply *reply,
                            struct provider_event_page *page_out)
{
    struct provider_event_page page = { .after = "" };
    const char *last_id = "";
    struct foreign_list list;
    const json_t *more;

    (void) after;                       /* each event names its own type */
    if (!reply->complete || reply->http_status != 200 ||
        !foreign_list_read(ctx->arena, reply->body, "data", &list))
        return false;
    more = json_object_get(list.envelope, "has_more");
    if (!document_is(list.envelope, "object", "list") || !json_is_boolean(more))
        return false;
    for (int i = 0; i < list.count; i++)
        take_event(ctx->arena, list.items[i], &page, &last_id);
    if (json_is_true(more) && last_id[0] == '\0')
        return false;                   /* without an id the next page cannot be asked for */
    if (json_is_true(more))
        page.after = arena_strdup(ctx->arena, last_id);
    *page_out = page;
    return true;
}
