/* GET /api/v1/api-keys: all keys, newest first, those that are revoked or expired too. */
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/api_key_json.h"

static const struct problem *read_query(struct ctx *ctx, const struct request *request,
                                        struct api_key_query *query)
{
    struct list_params params = list_params_of(ctx, request);

    query->limit = list_limit(&params);
    query->after_id = list_cursor_id(&params, "key");
    return list_params_finish(&params);
}

const struct problem *get_api_keys(struct ctx *ctx, const struct request *request,
                                   struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct api_key_query query;
    struct api_key_page page;
    const char *next = NULL;

    TRY(read_query(ctx, request, &query));
    TRY(list_api_keys(ctx, &query, &page));
    json_out_array(&data, NULL);
    for (int i = 0; i < page.count; i++)
        api_key_json(&data, &page.records[i]);
    json_out_array_end(&data);
    if (page.more)
        next = list_cursor_print_of(ctx->arena, "key", page.records[page.count - 1].key.id.text);
    *answer_out = envelope(ctx, 200, text_bytes(&data), list_meta(ctx->arena, query.limit, next));
    return OK;
}
