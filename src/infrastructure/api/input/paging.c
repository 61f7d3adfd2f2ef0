#include "paging.h"

#include <inttypes.h>

#include "cursor.h"
#include "infrastructure/api/http/router.h"
#include "query.h"

struct paging {
    struct arena   *arena;
    struct query    query;
    struct problem *problem;
};

static void fault(struct paging *paging, const char *name, const char *detail)
{
    query_fault(paging->arena, &paging->problem, name, detail);
}

static int64_t read_number(struct paging *paging, const char *name, int64_t fallback, int64_t max)
{
    const char *value = query_find(&paging->query, name);
    int64_t number = fallback;

    if (value != NULL && !query_number(value, 1, max, &number))
        fault(paging, name, arena_printf(paging->arena,
                                         "must be a whole number from 1 to %" PRId64, max));
    return number;
}

static void read_cursor(struct paging *paging, struct order_page_query *query)
{
    const char *value = query_find(&paging->query, "cursor");
    struct cursor cursor;

    if (value == NULL)
        return;
    if (query_find(&paging->query, "page") != NULL)
        fault(paging, "cursor", "cannot be combined with page");
    else if (!cursor_parse(paging->arena, value, &cursor))
        fault(paging, "cursor", "is not a nextCursor of this list");
    else {
        query->after_created_at_ms = cursor.created_at_ms;
        query->after_id = cursor.id;
    }
}

const struct problem *paging_read(struct ctx *ctx, const struct request *request,
                                  struct order_page_query *query_out)
{
    struct paging paging = { .arena = ctx->arena };

    TRY(query_read(ctx, request, request->route->query, &paging.query));
    *query_out = (struct order_page_query) { 0 };
    query_out->limit = (int) read_number(&paging, "limit", PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX);
    query_out->page = read_number(&paging, "page", 0, PAGE_NUMBER_MAX);
    read_cursor(&paging, query_out);
    return paging.problem;
}

static void write_next_cursor(struct text *text, const struct order_page *page)
{
    const struct order *last = page->count > 0 ? &page->orders[page->count - 1] : NULL;
    const char *next = NULL;

    if (page->more && last != NULL)
        next = cursor_print(text->arena, (struct cursor) { last->created_at_ms, last->id.text });
    text_append(text, ",\"nextCursor\":");
    text_append_json_string(text, next);
}

void paging_write_meta(struct text *text, const struct order_page_query *query,
                       const struct order_page *page)
{
    text_printf(text, "{\"limit\":%d", query->limit);
    if (query->page > 0)
        text_printf(text, ",\"page\":%" PRId64 ",\"pages\":%" PRId64 ",\"total\":%" PRId64,
                    query->page, (page->total + query->limit - 1) / query->limit, page->total);
    else
        write_next_cursor(text, page);
    text_append_char(text, '}');
}
