/*
 * Carries out a human's verdict on a payment that must not be decided automatically.
 *
 * A verdict changes the books through the same code as the provider's news: accepted money settles
 * the payment; money that goes back is a refund like any other, made at once by payapi-jobs. All of
 * it is one transaction, with the reason in the audit.
 */
#include "application/commands.h"

#include <stdio.h>
#include <string.h>

#include "application/settling/attach_payment.h"
#include "application/settling/give_up_calls.h"
#include "application/settling/history.h"
#include "application/settling/open_refund.h"
#include "application/settling/settle_payment.h"
#include "application/settling/settle_refund.h"
#include "application/store/store_refunds.h"
#include "application/transaction.h"

struct review {
    const struct review_payment *command;
    struct payment_id            id;
    struct review_terms          terms;
    struct answer                answer;
};

static const struct problem *wrong_state(struct ctx *ctx, const struct payment *payment,
                                         const char *why)
{
    return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE, "Payment %s %s.",
                       payment->id.text, why);
}

static struct problem *missing_member(struct ctx *ctx, const char *pointer, const char *why)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "A member that this verdict needs is missing.");

    problem_add_field(ctx->arena, problem, pointer, "%s", why);
    return problem;
}

/* --- Money that came ----------------------------------------------------------------------- */

static const struct problem *accept_less(struct ctx *ctx, struct review *work,
                                         struct payment_lock *lock)
{
    struct provider_payment verdict = { .payment_id = work->id, .facts.accepted = true };

    if (!payment_is_underpaid(&lock->payment.facts, lock->payment.amount.minor))
        return wrong_state(ctx, &lock->payment, "did not receive less than its amount");
    settle_payment(ctx, lock, &verdict, change_source_of(SOURCE_REVIEW));
    return OK;
}

/* The order can be paid anew; the money stays here and pays for nothing. */
static const struct problem *write_off(struct ctx *ctx, struct review *work,
                                       struct payment_lock *lock)
{
    if (!payment_is_underpaid(&lock->payment.facts, lock->payment.amount.minor))
        return wrong_state(ctx, &lock->payment, "did not receive less than its amount");
    lock->payment.surplus = true;
    return accept_less(ctx, work, lock);
}

static const struct problem *check_refund(struct ctx *ctx, const struct payment *payment,
                                          int64_t amount_minor, const char *pointer)
{
    if (payment->dispute == DISPUTE_OPEN)
        return wrong_state(ctx, payment,
                           "has an open dispute, which decides whether its money goes back");
    if (refund_allowed(payment) == 0)
        return wrong_state(ctx, payment, "has nothing left to refund");
    return amount_minor <= refund_allowed(payment) ? OK : refund_too_much(ctx, payment, pointer);
}

/* An underpaid payment whose money all goes back frees its order to be paid anew. */
static const struct problem *refund(struct ctx *ctx, struct review *work, struct payment_lock *lock)
{
    struct payment *payment = &lock->payment;
    const int64_t all_minor = refund_allowed(payment);
    struct refund_intent intent = {
        .amount_minor = work->terms.amount_minor != 0 ? work->terms.amount_minor : all_minor,
        .origin = REFUND_BY_API,
        .client_key = "",
        .reason = "",
    };
    struct refund made;
    struct provider_call call;

    TRY(check_refund(ctx, payment, intent.amount_minor, work->terms.amount_pointer));
    ctx_new_id(ctx, "ref", intent.id.text);
    ctx_new_id(ctx, "pca", intent.call_id.text);
    TRY(open_refund(ctx, payment, &intent, &made, &call));
    if (payment_is_underpaid(&payment->facts, payment->amount.minor)
        && intent.amount_minor == payment->facts.captured_minor)
        payment->surplus = true;
    return OK;
}

static const struct problem *refund_elsewhere(struct ctx *ctx, struct review *work,
                                              struct payment_lock *lock)
{
    struct refund_lock books;
    struct provider_refund told = {
        .amount_minor = work->terms.amount_minor,
        .status = REFUND_SUCCEEDED,
        .made_elsewhere = true,
    };

    if (work->terms.amount_minor == 0)
        return missing_member(ctx, "#/amount", "is required: what was given back");
    if (work->command->reference[0] == '\0')
        return missing_member(ctx, "#/reference", "is required: where it can be looked up");
    TRY(check_refund(ctx, &lock->payment, told.amount_minor, work->terms.amount_pointer));
    memcpy(told.currency, lock->payment.amount.currency, sizeof(told.currency));
    snprintf(told.ref, sizeof(told.ref), "elsewhere:%s:%s", lock->payment.id.text,
             work->command->reference);
    TRY(store_refund_lock(ctx, lock->payment.id, &told, &books));
    if (books.refund_found)
        return wrong_state(ctx, &lock->payment, "has a refund with this reference already");
    books.payment = *lock;
    settle_refund(ctx, &books, &told, change_source_of(SOURCE_REVIEW));
    *lock = books.payment;
    return OK;
}

/* --- Orders, owners and calls --------------------------------------------------------------- */

static const struct problem *attach(struct ctx *ctx, struct review *work, struct payment_lock *lock)
{
    if (work->command->order_id[0] == '\0')
        return missing_member(ctx, "#/orderId", "is required: the order that the money pays for");
    return attach_payment(ctx, lock, work->command->order_id);
}

static const struct problem *give_owner(struct ctx *ctx, struct review *work,
                                        struct payment_lock *lock)
{
    if (work->command->owner_id[0] == '\0')
        return missing_member(ctx, "#/ownerId", "is required: who owns the order");
    if (strcmp(lock->payment.owner_id, ORDER_OWNER_UNKNOWN) != 0)
        return wrong_state(ctx, &lock->payment, "belongs to an order that already has its owner");
    store_order_set_owner(ctx, lock->payment.order_id, work->command->owner_id);
    snprintf(lock->payment.owner_id, sizeof(lock->payment.owner_id), "%s", work->command->owner_id);
    return OK;
}

/*
 * Another verdict may have cleared the flag together with this question, so the reason is checked.
 */
static const struct problem *give_up_call(struct ctx *ctx, struct review *work,
                                          struct payment_lock *lock)
{
    int count;

    (void) work;
    if (lock->payment.review_reason[0] == '\0')
        return wrong_state(ctx, &lock->payment, "is not waiting for a review");
    TRY(give_up_calls(ctx, lock, &count));
    return count > 0 ? OK : wrong_state(ctx, &lock->payment, "has no call without an outcome");
}

static const struct problem *dismiss(struct ctx *ctx, struct review *work,
                                     struct payment_lock *lock)
{
    (void) ctx;
    (void) work;
    (void) lock;
    return OK;
}

/* --- The verdicts --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool        needs_flag;  /* a second click finds no flag and changes nothing */
    const struct problem *(*carry_out)(struct ctx *, struct review *, struct payment_lock *);
} verdicts[] = {
    [REVIEW_VERDICT_DISMISS]          = { "dismiss",          true,  dismiss },
    [REVIEW_VERDICT_ACCEPT]           = { "accept",           true,  accept_less },
    [REVIEW_VERDICT_REFUND]           = { "refund",           true,  refund },
    [REVIEW_VERDICT_WRITE_OFF]        = { "write_off",        true,  write_off },
    [REVIEW_VERDICT_REFUND_ELSEWHERE] = { "refund_elsewhere", false, refund_elsewhere },
    [REVIEW_VERDICT_GIVE_OWNER]       = { "give_owner",       false, give_owner },
    [REVIEW_VERDICT_GIVE_UP_CALL]     = { "give_up_call",     false, give_up_call },
    [REVIEW_VERDICT_ATTACH]           = { "attach",           false, attach },
};

bool review_verdict_parse(const char *name, enum review_verdict *verdict_out)
{
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        if (strcmp(verdicts[i].name, name) == 0) {
            *verdict_out = (enum review_verdict) i;
            return true;
        }
    return false;
}

static const struct problem *check(struct ctx *ctx, const struct review *work,
                                   const struct payment_lock *lock)
{
    if (!lock->found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    if (verdicts[work->command->verdict].needs_flag && !lock->payment.needs_review)
        return wrong_state(ctx, &lock->payment, "is not waiting for a review");
    return OK;
}

static const struct problem *judge(struct ctx *ctx, void *argument)
{
    struct review *work = argument;
    const struct review_payment *command = work->command;
    struct payment_lock lock;
    struct payment asked;

    TRY(store_payment_lock(ctx, work->id, &lock));
    TRY(check(ctx, work, &lock));
    asked = lock.payment;
    TRY(command->read_terms(ctx, command->body, lock.payment.amount.currency, &work->terms));
    lock.payment.needs_review = false;
    TRY(verdicts[command->verdict].carry_out(ctx, work, &lock));
    lock.payment.updated_at_ms = ctx->now_ms;
    store_payment_update(ctx, &lock.payment);
    history_payment_reviewed(ctx, &asked, verdicts[command->verdict].name, command->reason);
    work->answer = answer_payment(ctx, 200, &lock.payment);
    return OK;
}

const struct problem *review_payment(struct ctx *ctx, const struct review_payment *command,
                                     struct answer *answer_out)
{
    struct review work = { .command = command };

    if (!payment_id_parse(command->payment_id, &work.id))
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    TRY(in_transaction(ctx, judge, &work));
    *answer_out = work.answer;
    return OK;
}
