/* GET /api/v1/webhook-events: the events of the inbox, newest first, with filters. */
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/webhook_event_json.h"

static const struct problem *read_query(struct ctx *ctx, const struct request *request,
                                        struct webhook_event_query *query)
{
    struct list_params params = list_params_of(ctx, request);

    *query = (struct webhook_event_query) { .limit = list_limit(&params) };
    query->provider = list_word(&params, "provider", provider_names());
    query->type = list_text(&params, "type", PROVIDER_EVENT_TYPE_MAX);
    query->status = list_word(&params, "status", "received processed ignored dead");
    query->payment_id = list_payment_id(&params, "paymentId");
    list_times(&params, &query->from_ms, &query->to_ms);
    query->after_id = list_cursor_id(&params, "whe");
    return list_params_finish(&params);
}

const struct problem *get_webhook_events(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct webhook_event_query query;
    struct webhook_event_page page;
    const char *next = NULL;

    TRY(read_query(ctx, request, &query));
    TRY(list_webhook_events(ctx, &query, &page));
    json_out_array(&data, NULL);
    for (int i = 0; i < page.count; i++)
        webhook_event_json(&data, &page.events[i]);
    json_out_array_end(&data);
    if (page.more)
        next = list_cursor_print_of(ctx->arena, "whe", page.events[page.count - 1].inbox_id);
    *answer_out = envelope(ctx, 200, text_bytes(&data), list_meta(ctx->arena, query.limit, next));
    return OK;
}
