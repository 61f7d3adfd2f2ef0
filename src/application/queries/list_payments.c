#include "application/queries.h"

const struct problem *list_payments(struct ctx *ctx, const struct payment_query *query,
                                    struct payment_page *page_out)
{
    return store_payments_list(ctx, query, page_out);
}
