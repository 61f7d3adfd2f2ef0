/*
 * Closes an unpaid payment at the provider, so that its order can be paid anew.
 *
 * The order is freed only after the provider has closed the page, never by our word alone, because
 * the payer may be paying at this moment. close_payment (recover_payment.h) does all of it; this
 * file only decides what the client is told.
 */
#include "application/commands.h"

#include "application/recovery/recover_payment.h"

/* The client asked too late; the problem says what the payment has become. */
static const struct problem *too_late(struct ctx *ctx, const struct payment *payment,
                                      enum recovery_result result)
{
    if (payment_is_underpaid(&payment->facts, payment->amount.minor))
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s received less than its amount: accept what came, or refund"
                           " it.",
                           payment->id.text);
    if (payment->facts.captured_minor > 0 && result == RECOVERY_SETTLED)
        return problem_new(ctx->arena, PROBLEM_PAYMENT_ALREADY_PROCESSED,
                           "Payment %s was paid before it could be cancelled.", payment->id.text);
    if (payment->facts.captured_minor > 0)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s is %s: what is paid can be refunded, not cancelled.",
                           payment->id.text, payment_status_name(payment->status));
    if (payment_is_open(&payment->facts))
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s is %s: the payer has confirmed it, and its outcome must be"
                           " awaited.", payment->id.text, payment_status_name(payment->status));
    return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                       "Payment %s is %s already: it cannot be paid any more.", payment->id.text,
                       payment_status_name(payment->status));
}

/*
 * The provider's answer decides how the page ended. Its webhook may be here first and call our own
 * cancellation "expired".
 */
static bool must_wait(const struct payment *payment, enum recovery_result result)
{
    if (payment->facts.captured_minor > 0)
        return false;
    return result == RECOVERY_STILL_UNKNOWN
        || (payment_is_open(&payment->facts) && result != RECOVERY_SETTLED);
}

/* 200 also when an earlier request cancelled it: a repeat gets the same answer. */
const struct problem *cancel_payment(struct ctx *ctx, const char *payment_id,
                                     struct answer *answer_out)
{
    enum recovery_result result;
    struct payment_id id;
    struct payment payment;

    if (!payment_id_parse(payment_id, &id))
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    TRY(close_payment(ctx, id, ctx_owner_limit(ctx), &payment, &result));
    if (payment.status == PAYMENT_CANCELLED) {
        *answer_out = answer_payment(ctx, 200, &payment);
    } else if (must_wait(&payment, result)) {
        *answer_out = answer_payment(ctx, 202, &payment);
        answer_out->retry_after_s = ANSWER_ASK_AGAIN_S;
    } else {
        return too_late(ctx, &payment, result);
    }
    return OK;
}
