/* The shop's webhook endpoints and what was sent to them. */
#include "application/commands.h"
#include "application/queries.h"

const struct problem *get_webhook_endpoint(struct ctx *ctx, const char *id,
                                           struct webhook_endpoint *endpoint_out)
{
    struct webhook_endpoint_id endpoint_id;
    bool found;

    if (!webhook_endpoint_id_parse(id, &endpoint_id))
        return no_webhook_endpoint(ctx);
    TRY(store_webhook_endpoint_find(ctx, endpoint_id, endpoint_out, &found));
    return found ? OK : no_webhook_endpoint(ctx);
}

const struct problem *list_webhook_endpoints(struct ctx *ctx,
                                             struct webhook_endpoint **endpoints_out,
                                             int *count_out)
{
    return store_webhook_endpoints_list(ctx, endpoints_out, count_out);
}

const struct problem *list_deliveries(struct ctx *ctx, const char *endpoint_id,
                                      struct delivery_query *query, struct delivery_page *page_out)
{
    struct webhook_endpoint endpoint;

    TRY(get_webhook_endpoint(ctx, endpoint_id, &endpoint));
    query->endpoint_id = endpoint.id;
    return store_deliveries_list(ctx, query, page_out);
}

const struct problem *get_delivery(struct ctx *ctx, const char *id,
                                   struct delivery_details *details_out)
{
    details_out->found = false;
    if (id_is_valid("del", id))
        TRY(store_delivery_read(ctx, id, details_out));
    return details_out->found ? OK : problem_new(ctx->arena, PROBLEM_NOT_FOUND,
                                                 "There is no such delivery.");
}
