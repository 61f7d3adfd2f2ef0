#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/output/answer_json.h"

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
