#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/output/answer_json.h"

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
