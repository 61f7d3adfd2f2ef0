#include "application/queries.h"

const struct problem *list_orders(struct ctx *ctx, struct order_page_query *query,
                                  struct order_page *page_out)
{
    query->owner = ctx_owner_limit(ctx);
    return store_orders_list(ctx, query, page_out);
}
