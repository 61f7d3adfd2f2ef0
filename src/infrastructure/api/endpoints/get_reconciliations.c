/* GET /api/v1/reconciliations: the comparisons with the providers' lists, newest first. */
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/reconciliation_json.h"

static const struct problem *read_query(struct ctx *ctx, const struct request *request,
                                        struct reconciliation_query *query)
{
    struct list_params params = list_params_of(ctx, request);

    *query = (struct reconciliation_query) { .limit = list_limit(&params) };
    query->provider = list_word(&params, "provider", provider_names());
    query->after_id = list_cursor_id(&params, "rec");
    return list_params_finish(&params);
}

const struct problem *get_reconciliations(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct reconciliation_query query;
    struct reconciliation_page page;
    const char *next = NULL;

    TRY(read_query(ctx, request, &query));
    TRY(list_reconciliations(ctx, &query, &page));
    json_out_array(&data, NULL);
    for (int i = 0; i < page.count; i++)
        reconciliation_json(ctx, &data, &page.runs[i]);
    json_out_array_end(&data);
    if (page.more)
        next = list_cursor_print_of(ctx->arena, "rec", page.runs[page.count - 1].id);
    *answer_out = envelope(ctx, 200, text_bytes(&data), list_meta(ctx->arena, query.limit, next));
    return OK;
}
