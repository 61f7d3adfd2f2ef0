/* Deliveries to the shop's endpoints: listed, shown, sent again. */
#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/webhook_endpoint_json.h"

static const struct problem *read_query(struct ctx *ctx, const struct request *request,
                                        struct delivery_query *query)
{
    struct list_params params = list_params_of(ctx, request);

    *query = (struct delivery_query) { .limit = list_limit(&params) };
    query->status = list_word(&params, "status", "waiting pending sending delivered failed");
    query->after_id = list_cursor_id(&params, "del");
    return list_params_finish(&params);
}

const struct problem *get_deliveries(struct ctx *ctx, const struct request *request,
                                     struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct delivery_query query;
    struct delivery_page page;
    const char *next = NULL;

    TRY(read_query(ctx, request, &query));
    TRY(list_deliveries(ctx, request->id, &query, &page));
    json_out_array(&data, NULL);
    for (int i = 0; i < page.count; i++)
        delivery_json(&data, &page.deliveries[i]);
    json_out_array_end(&data);
    if (page.more)
        next = list_cursor_print_of(ctx->arena, "del", page.deliveries[page.count - 1].id);
    *answer_out = envelope(ctx, 200, text_bytes(&data), list_meta(ctx->arena, query.limit, next));
    return OK;
}

const struct problem *get_delivery_by_id(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out)
{
    struct delivery_details *details = arena_alloc(ctx->arena, sizeof(*details));
    struct text data = text_new(ctx->arena);

    TRY(get_delivery(ctx, request->id, details));
    delivery_details_json(&data, details);
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}

const struct problem *post_delivery_resend(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct delivery_details *details = arena_alloc(ctx->arena, sizeof(*details));
    struct text data = text_new(ctx->arena);

    TRY(read_no_members(ctx, request));
    TRY(resend_delivery(ctx, request->id, details));
    delivery_details_json(&data, details);
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}
