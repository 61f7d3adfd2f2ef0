#include "application/queries.h"

const struct problem *list_audit(struct ctx *ctx, const struct audit_query *query,
                                 struct audit_page *page_out)
{
    return store_audit_list(ctx, query, page_out);
}
