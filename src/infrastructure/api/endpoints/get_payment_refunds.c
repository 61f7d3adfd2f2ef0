#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/output/json_out.h"

const struct problem *get_payment_refunds(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out)
{
    struct text text = text_new(ctx->arena);
    struct payment_id id;
    struct refund *refunds;
    int count;

    TRY(read_payment_id(ctx, request, &id));
    TRY(list_refunds(ctx, id, &refunds, &count));
    text_append_char(&text, '[');
    for (int i = 0; i < count; i++) {
        text_append(&text, i > 0 ? "," : "");
        text_append_bytes(&text, refund_json(ctx, &refunds[i]));
    }
    text_append_char(&text, ']');
    *answer_out = envelope(ctx, 200, text_bytes(&text), NULL);
    return OK;
}
