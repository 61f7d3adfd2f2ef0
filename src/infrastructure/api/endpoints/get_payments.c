/* GET /api/v1/payments: the payments of all customers, for those who review them. */
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"

static enum wanted read_needs_review(struct list_params *params)
{
    const char *value = list_word(params, "needsReview", "true false");

    if (value == NULL)
        return WANTED_ANY;
    return strcmp(value, "true") == 0 ? WANTED_YES : WANTED_NO;
}

static const struct problem *read_query(struct ctx *ctx, const struct request *request,
                                        struct payment_query *query)
{
    struct list_params params = list_params_of(ctx, request);

    *query = (struct payment_query) { .limit = list_limit(&params) };
    query->needs_review = read_needs_review(&params);
    query->status = list_word(&params, "status",
                              "pending processing requires_action completed failed cancelled"
                              " expired partially_refunded refunded");
    query->provider = list_word(&params, "provider", provider_names());
    query->after_id = list_cursor_id(&params, "pay");
    return list_params_finish(&params);
}

const struct problem *get_payments(struct ctx *ctx, const struct request *request,
                                   struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct payment_query query;
    struct payment_page page;
    const char *next = NULL;

    TRY(read_query(ctx, request, &query));
    TRY(list_payments(ctx, &query, &page));
    json_out_array(&data, NULL);
    for (int i = 0; i < page.count; i++)
        json_out_raw(&data, NULL, payment_json_with(ctx, &page.payments[i], "reviewReason",
                                                    page.payments[i].review_reason).data);
    json_out_array_end(&data);
    if (page.more)
        next = list_cursor_print_of(ctx->arena, "pay", page.payments[page.count - 1].id.text);
    *answer_out = envelope(ctx, 200, text_bytes(&data), list_meta(ctx->arena, query.limit, next));
    return OK;
}
