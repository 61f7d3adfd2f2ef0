/* Moves money that pays for nothing to another order. */
#include "attach_payment.h"

#include <stdio.h>
#include <string.h>

#include "application/store/store_refunds.h"
#include "base/log.h"
#include "history.h"
#include "open_refund.h"
#include "refund_identity.h"
#include "review.h"

/* --- Is it allowed? ------------------------------------------------------------------------ */

static const struct problem *refusal(struct ctx *ctx, const struct payment *payment,
                                     const char *why)
{
    return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE, "Payment %s %s.",
                       payment->id.text, why);
}

static bool pays_for_nothing(const struct payment *payment)
{
    return payment->facts.captured_minor > 0
        && (payment->surplus || payment_is_underpaid(&payment->facts, payment->amount.minor));
}

static const struct problem *check_money(struct ctx *ctx, const struct payment *payment)
{
    if (!pays_for_nothing(payment))
        return refusal(ctx, payment,
                       "has no money to attach: it pays for its own order, or none has arrived");
    if (payment->refund_held_minor > 0)
        return refusal(ctx, payment,
                       "gave money back, or is about to: what is left of it can only go back too");
    if (payment->dispute == DISPUTE_OPEN || payment->disputed_minor > 0)
        return refusal(ctx, payment, "is disputed, which decides whether its money goes back");
    return OK;
}

static const struct problem *wrong_order(struct ctx *ctx, const char *why)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "The money cannot be attached to that order.");

    problem_add_field(ctx->arena, problem, "#/orderId", "%s", why);
    return problem;
}

static const struct problem *not_free(struct ctx *ctx, const struct payment *holder)
{
    if (payment_is_open(&holder->facts))
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s of order %s can still be paid. Cancel it first.",
                           holder->id.text, holder->order_id.text);
    return problem_new(ctx->arena, PROBLEM_PAYMENT_ALREADY_PROCESSED,
                       "Order %s already has its money.", holder->order_id.text);
}

/*
 * Locks the order as a checkout does, so that no checkout and no other verdict can take it
 * meanwhile.
 */
static const struct problem *take_order(struct ctx *ctx, const struct payment *payment,
                                        const char *to, struct order *order_out)
{
    struct order_lock lock;
    struct order_id id;

    if (!order_id_parse(to, &id))
        return wrong_order(ctx, "must be the id of an order");
    if (strcmp(id.text, payment->order_id.text) == 0)
        return wrong_order(ctx, "must be an order other than the payment's own");
    TRY(store_order_lock(ctx, id, &lock));
    if (!lock.found)
        return wrong_order(ctx, "must be the id of an order");
    if (strcmp(lock.order.amount.currency, payment->amount.currency) != 0)
        return wrong_order(ctx, "must be an order in the payment's currency");
    if (lock.payment_found)
        return not_free(ctx, &lock.payment);
    *order_out = lock.order;
    return OK;
}

/* --- The payment under its new order ------------------------------------------------------- */

/* Raises the review even if the old order raised the same cause before. */
static void ask_about_amount(struct payment *payment)
{
    if (payment->facts.captured_minor == payment->amount.minor)
        return;
    payment->facts.mismatch = true;
    review_raise(payment, payment->facts.captured_minor > payment->amount.minor
                              ? REVIEW_MORE_MONEY
                              : REVIEW_LESS_MONEY);
}

static struct payment payment_of(const struct ctx *ctx, const struct payment *payment,
                                 const struct order *order)
{
    struct payment after = *payment;

    after.order_id = order->id;
    snprintf(after.owner_id, sizeof(after.owner_id), "%s", order->owner_id);
    after.amount = order->amount;
    after.surplus = false;
    after.facts.accepted = false;
    ask_about_amount(&after);
    after.status = payment_derive(&after.facts, after.amount.minor);
    after.updated_at_ms = ctx->now_ms;
    return after;
}

/*
 * The ledger is append-only, so a move is two rows: one takes the charge out of the old order, the
 * other adds it to the new one. The reference names neither order: an order's owner may read it in
 * the timeline and must not learn of the other order.
 */
static void write_movement(struct ctx *ctx, const struct payment *payment, const char *to_or_from,
                           int64_t amount_minor)
{
    store_movement_insert(ctx, payment, &(struct movement) {
        .kind = MOVEMENT_REASSIGNMENT,
        .amount_minor = amount_minor,
        .provider_ref = arena_printf(ctx->arena, "%s:%s:%lld", payment->id.text, to_or_from,
                                     (long long) ctx->now_ms),
        .occurred_at_ms = ctx->now_ms,
    });
}

static void give_excess_back(struct ctx *ctx, struct payment *payment)
{
    int64_t excess_minor = payment->facts.captured_minor - payment->amount.minor;

    if (excess_minor > 0)
        open_refund_of_surplus(
            ctx, payment, excess_minor,
            arena_printf(ctx->arena, "%s %s", REFUND_KEY_OF_EXCESS, payment->order_id.text));
}

static void write_down(struct ctx *ctx, const struct payment *before, struct payment *after,
                       enum order_status label)
{
    enum order_status new_label = order_status_after(label, after->status);

    store_payment_attach(ctx, after);
    if (new_label != label)
        store_order_set_status(ctx, after->order_id, new_label);
    write_movement(ctx, before, "from", -before->facts.captured_minor);
    write_movement(ctx, after, "to", after->facts.captured_minor);
    history_payment_attached(ctx, before, after);
    give_excess_back(ctx, after);
}

const struct problem *attach_payment(struct ctx *ctx, struct payment_lock *lock, const char *to)
{
    const struct payment before = lock->payment;
    struct order order;

    TRY(check_money(ctx, &before));
    TRY(take_order(ctx, &before, to, &order));
    lock->payment = payment_of(ctx, &before, &order);
    write_down(ctx, &before, &lock->payment, order.status);
    log_event(LOG_LEVEL_INFO, "payment_attached", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("payment_id", before.id.text), LOG_TEXT("from", before.order_id.text),
              LOG_TEXT("to", order.id.text));
    return OK;
}
