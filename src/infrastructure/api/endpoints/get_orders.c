#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/paging.h"
#include "infrastructure/api/output/json_out.h"

static struct bytes orders_json(struct ctx *ctx, const struct order_page *page)
{
    struct text text = text_new(ctx->arena);

    text_append_char(&text, '[');
    for (int i = 0; i < page->count; i++) {
        text_append(&text, i > 0 ? "," : "");
        text_append_bytes(&text, order_json(ctx, &page->orders[i]));
    }
    text_append_char(&text, ']');
    return text_bytes(&text);
}

ENDPOINT(get_orders)
{
    struct text meta = text_new(ctx->arena);
    struct order_page_query query;
    struct order_page page;

    TRY(paging_read(ctx, request, &query));
    TRY(list_orders(ctx, &query, &page));
    paging_write_meta(&meta, &query, &page);
    *answer_out = envelope(ctx, 200, orders_json(ctx, &page), text_bytes(&meta).data);
    return OK;
}
