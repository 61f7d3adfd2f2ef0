#include "application/commands.h"
#include "infrastructure/api/endpoints/endpoints.h"

const struct problem *post_payment_sync(struct ctx *ctx, const struct request *request,
                                        struct answer *answer_out)
{
    struct payment_id id;

    TRY(read_payment_id(ctx, request, &id));
    TRY(read_no_members(ctx, request));
    return sync_payment(ctx, id.text, answer_out);
}
