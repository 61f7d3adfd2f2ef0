/* One payment: shown with its refunds, disputes and timeline, synchronised and cancelled. */
#include "application/commands.h"
#include "application/queries.h"
#include "base/json_out.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/router.h"
#include "infrastructure/api/input/query.h"
#include "infrastructure/api/output/answer_json.h"

const struct problem *get_payment_by_id(struct ctx *ctx, const struct request *request,
                                        struct answer *answer_out)
{
    struct payment_id id;
    struct payment payment;

    TRY(read_payment_id(ctx, request, &id));
    TRY(get_payment(ctx, id.text, &payment));
    *answer_out = answer_payment(ctx, 200, &payment);
    return OK;
}

const struct problem *get_payment_refunds(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out)
{
    struct text text = text_new(ctx->arena);
    struct payment_id id;
    struct refund *refunds;
    int count;

    TRY(read_payment_id(ctx, request, &id));
    TRY(list_refunds(ctx, id, &refunds, &count));
    json_out_array(&text, NULL);
    for (int i = 0; i < count; i++)
        json_out_raw(&text, NULL, refund_json(ctx, &refunds[i]).data);
    json_out_array_end(&text);
    *answer_out = envelope(ctx, 200, text_bytes(&text), NULL);
    return OK;
}

const struct problem *get_payment_disputes(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct text text = text_new(ctx->arena);
    struct payment_id id;
    struct dispute *disputes;
    int count;

    TRY(read_payment_id(ctx, request, &id));
    TRY(list_disputes(ctx, id, &disputes, &count));
    json_out_array(&text, NULL);
    for (int i = 0; i < count; i++)
        json_out_raw(&text, NULL, dispute_json(ctx, &disputes[i]).data);
    json_out_array_end(&text);
    *answer_out = envelope(ctx, 200, text_bytes(&text), NULL);
    return OK;
}

static void write_item(struct text *text, const struct timeline_item *item)
{
    json_out_object(text, NULL);
    json_out_time(text, "at", item->at_ms);
    json_out_text(text, "kind", item->kind);
    json_out_text(text, "summary", item->summary);
    json_out_optional(text, "traceId", item->trace_id);
    json_out_raw(text, "details", item->details);
    if (item->request_body[0] != '\0')
        json_out_text(text, "request", item->request_body);
    json_out_object_end(text);
}

const struct problem *get_payment_timeline(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct timeline *timeline = arena_alloc(ctx->arena, sizeof(*timeline));
    struct text data = text_new(ctx->arena), meta = json_out_begin(ctx->arena);

    TRY(get_timeline(ctx, request->id, timeline));
    json_out_array(&data, NULL);
    for (int i = 0; i < timeline->count; i++)
        write_item(&data, &timeline->items[i]);
    json_out_array_end(&data);
    json_out_i64(&meta, "count", timeline->count);
    json_out_bool(&meta, "more", timeline->more);
    *answer_out = envelope(ctx, 200, text_bytes(&data), json_out_end(&meta).data);
    return OK;
}

const struct problem *post_payment_sync(struct ctx *ctx, const struct request *request,
                                        struct answer *answer_out)
{
    struct payment_id id;

    TRY(read_payment_id(ctx, request, &id));
    TRY(read_no_members(ctx, request));
    return sync_payment(ctx, id.text, answer_out);
}

const struct problem *post_payment_cancel(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out)
{
    struct payment_id id;

    TRY(read_payment_id(ctx, request, &id));
    TRY(read_no_members(ctx, request));
    return cancel_payment(ctx, id.text, answer_out);
}

/*
 * What the pages /checkout/return and /checkout/cancelled show a payer. No token: the payment's id
 * cannot be guessed, and an id that does not exist gets an answer of the same form. The ticket
 * opens a stream that says no more than this answer.
 */
const struct problem *get_checkout_outcome(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct text text = json_out_begin(ctx->arena);
    enum payment_outcome outcome;
    struct payment_id payment_id;
    const char *id = query_find(request->parameters, "payment");

    TRY(get_outcome(ctx, id != NULL ? id : "", &outcome));
    json_out_text(&text, "state", payment_outcome_name(outcome));
    if (id != NULL && payment_id_parse(id, &payment_id))
        json_out_text(&text, "ticket", outcome_ticket(ctx, payment_id));
    *answer_out = (struct answer) { .http_status = 200, .body = json_out_end(&text) };
    return OK;
}
