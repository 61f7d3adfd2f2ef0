/* GET /api/v1/orders: the caller's orders, newest first, by page number or by cursor. */
#include <inttypes.h>
#include <stdlib.h>

#include "application/queries.h"
#include "domain/moment.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"

static const char *position_text(struct arena *arena, int64_t created_at_ms, const char *id)
{
    return arena_printf(arena, "%" PRId64 ":%s", created_at_ms, id);
}

/* Only what position_text writes: no other spelling of the same position. */
static bool parse_position(struct arena *arena, const char *text, struct order_page_query *query)
{
    struct order_id id;
    char *end;
    int64_t created_at_ms = strtoll(text, &end, 10);

    if (*end != ':' || created_at_ms < 0 || created_at_ms > MOMENT_MS_MAX ||
        !order_id_parse(end + 1, &id) ||
        strcmp(text, position_text(arena, created_at_ms, id.text)) != 0)
        return false;
    query->after_created_at_ms = created_at_ms;
    query->after_id = end + 1;
    return true;
}

static const struct problem *read_query(struct ctx *ctx, const struct request *request,
                                        struct order_page_query *query)
{
    struct list_params params = list_params_of(ctx, request);
    const char *position;

    *query = (struct order_page_query) { .limit = list_limit(&params) };
    query->page = list_page(&params);
    position = list_cursor_of(&params, "ord");
    if (position != NULL && !parse_position(ctx->arena, position, query))
        list_cursor_fault(&params);
    return list_params_finish(&params);
}

static struct bytes orders_json(struct ctx *ctx, const struct order_page *page)
{
    struct text text = text_new(ctx->arena);

    json_out_array(&text, NULL);
    for (int i = 0; i < page->count; i++)
        json_out_raw(&text, NULL, order_json(ctx, &page->orders[i]).data);
    json_out_array_end(&text);
    return text_bytes(&text);
}

static const char *meta_of(struct arena *arena, const struct order_page_query *query,
                           const struct order_page *page)
{
    const struct order *last;

    if (query->page > 0)
        return list_meta_page(arena, query->limit, query->page, page->total);
    if (!page->more || page->count == 0)
        return list_meta(arena, query->limit, NULL);
    last = &page->orders[page->count - 1];
    return list_meta(arena, query->limit,
                     list_cursor_print_of(arena, "ord", position_text(arena, last->created_at_ms,
                                                                      last->id.text)));
}

const struct problem *get_orders(struct ctx *ctx, const struct request *request,
                                 struct answer *answer_out)
{
    struct order_page_query query;
    struct order_page page;

    TRY(read_query(ctx, request, &query));
    TRY(list_orders(ctx, &query, &page));
    *answer_out = envelope(ctx, 200, orders_json(ctx, &page), meta_of(ctx->arena, &query, &page));
    return OK;
}
