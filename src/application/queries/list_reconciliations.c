#include "application/queries.h"

const struct problem *list_reconciliations(struct ctx *ctx, const struct reconciliation_query *query,
                                           struct reconciliation_page *page_out)
{
    return store_reconciliations_list(ctx, query, page_out);
}
