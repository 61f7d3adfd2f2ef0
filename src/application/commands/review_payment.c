#include "application/commands.h"

#include "application/history.h"
#include "application/store.h"
#include "application/transaction.h"

struct review {
    struct payment_id id;
    const char       *reason;
    struct answer     answer;
};

static const struct problem *check(struct ctx *ctx, const struct payment_lock *lock)
{
    if (!lock->found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    if (!lock->payment.needs_review)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s is not waiting for a review.", lock->payment.id.text);
    return OK;
}

/* The facts stay as they are, what was found wrong included: only the question is answered. */
static const struct problem *take_off(struct ctx *ctx, void *argument)
{
    struct review *work = argument;
    struct payment_lock lock;

    TRY(store_payment_lock(ctx, work->id, &lock));
    TRY(check(ctx, &lock));
    lock.payment.needs_review = false;
    lock.payment.updated_at_ms = ctx->now_ms;
    store_payment_update(ctx, &lock.payment);
    history_payment_reviewed(ctx, &lock.payment, work->reason);
    work->answer = answer_payment(ctx, 200, &lock.payment);
    return OK;
}

const struct problem *review_payment(struct ctx *ctx, const char *payment_id, const char *reason,
                                     struct answer *answer_out)
{
    struct review work = { .reason = reason };

    if (!payment_id_parse(payment_id, &work.id))
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    TRY(in_transaction(ctx, take_off, &work));
    *answer_out = work.answer;
    return OK;
}
