/* GET /api/v1/transactions: a page of the ledger as JSON, or all that matches as CSV or NDJSON. */
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/accept.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/transaction_formats.h"

enum format { FORMAT_JSON, FORMAT_CSV, FORMAT_NDJSON, FORMAT_COUNT };

static const char *const media_types[FORMAT_COUNT] = {
    [FORMAT_JSON] = "application/json", [FORMAT_CSV] = CSV_TYPE, [FORMAT_NDJSON] = NDJSON_TYPE,
};

static const struct problem *choose_format(struct ctx *ctx, const struct request *request,
                                           int *format_out)
{
    *format_out = accept_choose(request->accept, media_types, FORMAT_COUNT);
    if (*format_out != ACCEPT_NONE)
        return OK;
    return problem_new(ctx->arena, PROBLEM_NOT_ACCEPTABLE,
                       "This address answers in application/json, " CSV_TYPE " and "
                       NDJSON_TYPE ".");
}

static void read_filter(struct list_params *params, struct transaction_filter *filter)
{
    filter->payment_id = list_payment_id(params, "paymentId");
    filter->order_id = list_order_id(params, "orderId");
    filter->kind = list_word(params, "type",
                             "charge refund refund_reversal dispute dispute_reversal reassignment");
    (void) list_word(params, "status", TRANSACTION_STATUS);     /* there is no other */
    filter->provider = list_word(params, "provider", provider_names());
    filter->currency = list_currency(params, "currency");
    list_times(params, &filter->from_ms, &filter->to_ms);
    list_span(params, "recordedFrom", "recordedTo", &filter->recorded_from_ms,
              &filter->recorded_to_ms);
}

static void read_position(struct list_params *params, struct transaction_query *query)
{
    query->limit = list_limit(params);
    query->page = list_page(params);
    query->after_id = list_cursor_id(params, "txn");
}

/* An export gives everything that matches, so a position in it has no meaning. */
static void refuse_position(struct list_params *params)
{
    static const char *const names[] = { "limit", "page", "cursor" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (query_find(params->query, names[i]) != NULL)
            list_fault(params, names[i], "has no meaning in an export, which gives all that match");
}

static const char *meta_of(struct ctx *ctx, const struct transaction_query *query,
                           const struct transaction_page *page)
{
    const char *next = NULL;

    if (query->page > 0)
        return list_meta_page(ctx->arena, query->limit, query->page, page->total);
    if (page->more)
        next = list_cursor_print_of(ctx->arena, "txn", page->transactions[page->count - 1].id);
    return list_meta(ctx->arena, query->limit, next);
}

static const struct problem *answer_page(struct ctx *ctx, const struct transaction_query *query,
                                         struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct transaction_page page;

    TRY(list_transactions(ctx, query, &page));
    json_out_array(&data, NULL);
    for (int i = 0; i < page.count; i++)
        transaction_json(&data, &page.transactions[i]);
    json_out_array_end(&data);
    *answer_out = envelope(ctx, 200, text_bytes(&data), meta_of(ctx, query, &page));
    return OK;
}

static struct answer answer_export(struct ctx *ctx, enum format format,
                                   const struct transaction_filter *filter)
{
    return (struct answer) {
        .http_status = 200,
        .stream = format == FORMAT_CSV ? transactions_as_csv(ctx->arena, filter)
                                       : transactions_as_ndjson(ctx->arena, filter),
    };
}

const struct problem *get_transactions(struct ctx *ctx, const struct request *request,
                                       struct answer *answer_out)
{
    struct transaction_query query = { .limit = 0 };
    struct list_params params = list_params_of(ctx, request);
    int format;

    TRY(choose_format(ctx, request, &format));
    read_filter(&params, &query.filter);
    if (format == FORMAT_JSON)
        read_position(&params, &query);
    else
        refuse_position(&params);
    TRY(list_params_finish(&params));
    if (format == FORMAT_JSON)
        return answer_page(ctx, &query, answer_out);
    *answer_out = answer_export(ctx, (enum format) format, &query.filter);
    return OK;
}
