/*
 * Makes events from the account's lists, because Paystack has no list of events. Each transaction,
 * refund and dispute becomes the event that its webhook would have been, with the same name, so
 * that an event already delivered counts as a duplicate (paystack_events.c). The lists hold objects
 * made since since_s, newest first; a place in them is "<list>:<page>".
 * Source: docs/facts.md section 7; paystack.com/docs/api (transaction, refund, dispute: from, page,
 * perPage).
 */
#include <assert.h>
#include <stdio.h>

#include "base/rfc3339.h"
#include "base/text.h"
#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"

#define PAGE_SIZE 100
#define PLACE_MAX 32

/* In the order in which they are read. */
static const struct account_list {
    const char *name;
    const char *path;
    const char *filter;
    const char *event;          /* the event made from each item; "refund." plus its status */
} lists[] = {
    { "success",  "/transaction", "&status=success",  "charge.success" },
    /* paid, and reversed since */
    { "reversed", "/transaction", "&status=reversed", "charge.success" },
    { "refund",   "/refund",      "",                 "refund." },
    { "dispute",  "/dispute",     "",                 "charge.dispute." },
};
#define LIST_COUNT (sizeof(lists) / sizeof(lists[0]))
static_assert(FOREIGN_LIST_MAX >= PAGE_SIZE, "a page can be taken apart");
static_assert(FOREIGN_LIST_MAX <= PROVIDER_EVENTS_PAGE_MAX, "a page holds what was listed");

struct place { size_t list; long page; };

/* An invalid place counts as the beginning. */
static struct place read_place(const char *after)
{
    char name[PLACE_MAX];
    long page;

    if (sscanf(after, "%31[a-z]:%9ld", name, &page) == 2 && page > 0)
        for (size_t i = 0; i < LIST_COUNT; i++)
            if (strcmp(lists[i].name, name) == 0)
                return (struct place) { i, page };
    return (struct place) { 0, 1 };
}

const struct problem *paystack_write_list_events(struct ctx *ctx, int64_t since_s,
                                                 const char *after,
                                                 struct provider_request *request_out)
{
    struct place place = read_place(after);
    char since[RFC3339_TEXT_MAX];

    rfc3339_print((since_s > 0 ? since_s : 0) * 1000, since);
    *request_out = (struct provider_request) {
        .operation = OP_LIST_EVENTS,
        .method = "GET",
        .path = arena_printf(ctx->arena, "%s?from=%s&perPage=%d&page=%ld%s", lists[place.list].path,
                             form_escape(ctx->arena, since), PAGE_SIZE, place.page,
                             lists[place.list].filter),
        .idempotency_key = "",
    };
    return OK;
}

/* --- Items --------------------------------------------------------------------------------- */

static const char *event_name(struct ctx *ctx, const struct account_list *list, const json_t *item)
{
    if (strcmp(list->event, "refund.") == 0)
        return arena_printf(ctx->arena, "refund.%s", document_text(item, "status"));
    if (strcmp(list->event, "charge.dispute.") == 0)
        return document_is(item, "status", "resolved") ? "charge.dispute.resolve"
                                                       : "charge.dispute.create";
    return list->event;
}

/* An unreadable item is passed on as it came: its reader reports it, and the list goes on. */
static void take_item(struct ctx *ctx, const struct account_list *list, struct bytes item,
                      struct provider_event_page *page)
{
    const json_t *read = paystack_document_parse(ctx->arena, item);
    struct text body = text_new(ctx->arena);
    int64_t created_ms;

    if (paystack_created(read, &created_ms) && created_ms / 1000 > page->newest_s)
        page->newest_s = created_ms / 1000;
    text_append(&body, "{\"event\":");
    text_append_json_string(&body, event_name(ctx, list, read));
    text_append(&body, ",\"data\":");
    text_append_bytes(&body, item);
    text_append(&body, "}");
    page->bodies[page->count++] = text_bytes(&body);
}

/* --- Pages --------------------------------------------------------------------------------- */

static const char *next_place(struct ctx *ctx, struct place place, int64_t next_page)
{
    if (next_page > 0)
        return arena_printf(ctx->arena, "%s:%lld", lists[place.list].name, (long long) next_page);
    if (place.list + 1 < LIST_COUNT)
        return arena_printf(ctx->arena, "%s:1", lists[place.list + 1].name);
    return "";
}

bool paystack_read_event_list(struct ctx *ctx, const char *after,
                              const struct provider_reply *reply,
                              struct provider_event_page *page_out)
{
    struct provider_event_page page = { .after = "" };
    struct place place = read_place(after);
    struct foreign_list list;
    int64_t next_page;

    if (!reply->complete || reply->http_status != 200
        || !foreign_list_read(ctx->arena, reply->body, "data", &list)
        || !paystack_worked(list.envelope) || !paystack_next_page(list.envelope, &next_page))
        return false;
    for (int i = 0; i < list.count; i++)
        take_item(ctx, &lists[place.list], list.items[i], &page);
    page.after = next_place(ctx, place, next_page);
    *page_out = page;
    return true;
}
