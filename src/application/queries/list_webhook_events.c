#include "application/queries.h"

const struct problem *list_webhook_events(struct ctx *ctx, const struct webhook_event_query *query,
                                          struct webhook_event_page *page_out)
{
    return store_inbox_events_list(ctx, query, page_out);
}
