/* Asks the provider now for a payment's state, on demand. */
#include "application/commands.h"

#include "application/recovery/recover_payment.h"

static bool is_settled(enum recovery_result result)
{
    return result == RECOVERY_SETTLED || result == RECOVERY_NOTHING_OPEN;
}

const struct problem *sync_payment(struct ctx *ctx, const char *payment_id,
                                   struct answer *answer_out)
{
    enum recovery_result result;
    struct payment_id id;
    struct payment payment;

    if (!payment_id_parse(payment_id, &id))
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    TRY(recover_payment(ctx, id, ctx_owner_limit(ctx), &payment, &result));
    *answer_out = answer_payment(ctx, is_settled(result) ? 200 : 202, &payment);
    if (!is_settled(result))
        answer_out->retry_after_s = ANSWER_ASK_AGAIN_S;
    return OK;
}
