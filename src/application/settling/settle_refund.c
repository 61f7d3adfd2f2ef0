/* Merges news of a refund, judges it, and records what changed. */
#include "application/settling/settle_refund.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "history.h"
#include "history_refund.h"
#include "payment_news.h"
#include "refund_identity.h"
#include "review.h"

/* A refund, if there is one, and its payment: before the news or after it. */
struct state {
    bool           found;
    struct refund  refund;
    struct payment payment;
};

/* --- What to believe ----------------------------------------------------------------------- */

static bool differ(const char *ours, const char *theirs)
{
    return ours[0] != '\0' && theirs[0] != '\0' && strcmp(ours, theirs) != 0;
}

/*
 * We concluded from a reply (a 404), or from the refund's absence in the provider's list, that it
 * failed, but the provider has made it after all and names our id on it. The provider's word
 * counts. A refund that a human gave up (cancelled) is not covered: the human is asked again.
 */
static bool was_made_after_all(const struct refund *refund, const struct provider_refund *news)
{
    return refund->status == REFUND_FAILED && refund->provider_ref[0] == '\0'
           && news->ref[0] != '\0' && refund_holds_money(news->status)
           && strcmp(news->refund_id.text, refund->id.text) == 0;
}

static enum review_cause doubt_about_ours(const struct payment *payment,
                                          const struct refund *refund,
                                          const struct provider_refund *news)
{
    if (news->amount_minor != refund->amount.minor)
        return REVIEW_REFUND_OTHER_AMOUNT;
    if (was_made_after_all(refund, news))
        return news->amount_minor > refund_left(payment) ? REVIEW_REFUND_TOO_LARGE : REVIEW_NONE;
    if (differ(refund->provider_ref, news->ref))
        return REVIEW_REFUND_SECOND_OBJECT;
    if (refund->provider_ref[0] == '\0' && !refund_holds_money(refund->status)
        && news->ref[0] != '\0' && refund_holds_money(news->status))
        return REVIEW_REFUND_AFTER_REFUSAL;
    return REVIEW_NONE;
}

/* PostgreSQL would reject it too, but then the event would fail and nobody would be asked. */
static enum review_cause doubt_about_theirs(const struct payment *payment,
                                            const struct provider_refund *news)
{
    if (news->amount_minor <= 0)
        return REVIEW_REFUND_WITHOUT_AMOUNT;
    if (refund_holds_money(news->status) && news->amount_minor > refund_left(payment))
        return REVIEW_REFUND_TOO_LARGE;
    return REVIEW_NONE;
}

/* Why a human must look at the news before it counts; REVIEW_NONE: it is believed. */
static enum review_cause doubt_about(const struct state *now, const struct provider_refund *news)
{
    if (strcmp(news->currency, now->payment.amount.currency) != 0)
        return REVIEW_REFUND_OTHER_CURRENCY;
    if (differ(now->payment.provider_intent, news->intent))
        return REVIEW_REFUND_OF_OTHER_OBJECT;
    return now->found ? doubt_about_ours(&now->payment, &now->refund, news)
                      : doubt_about_theirs(&now->payment, news);
}

/* --- What follows from it ------------------------------------------------------------------ */

static void take_reference(struct refund *refund, const struct provider_refund *news)
{
    if (refund->provider_ref[0] == '\0')
        snprintf(refund->provider_ref, sizeof(refund->provider_ref), "%s", news->ref);
}

static void take_status(struct refund *refund, const struct provider_refund *news, bool after_all)
{
    enum refund_status status =
        after_all ? news->status : refund_merge(refund->status, news->status);

    if (after_all)
        refund->failure_reason[0] = '\0';
    if (status != refund->status && !refund_holds_money(status))
        snprintf(refund->failure_reason, sizeof(refund->failure_reason), "%s",
                 news->failure_reason);
    refund->status = status;
}

/*
 * Starts a refund made elsewhere as pending, so that its history begins like that of ours. A refund
 * that we made, and whose row was lost, gets its own id back.
 */
static struct refund refund_to_adopt(const struct ctx *ctx, const struct payment *payment,
                                     const struct provider_refund *news)
{
    struct refund refund = {
        .payment_id = payment->id,
        .amount = payment->amount,
        .status = REFUND_PENDING,
        .origin = news->made_elsewhere ? REFUND_ELSEWHERE
                                       : refund_origin_of(news->refund_id, payment->id),
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    if (refund.origin == REFUND_BY_PROVIDER || refund.origin == REFUND_ELSEWHERE)
        ctx_new_id(ctx, "ref", refund.id.text);
    else
        refund.id = news->refund_id;
    refund.amount.minor = news->amount_minor;
    snprintf(refund.provider, sizeof(refund.provider), "%s", payment->provider);
    snprintf(refund.provider_ref, sizeof(refund.provider_ref), "%s", news->ref);
    return refund;
}

static int64_t held_minor(const struct refund *refund)
{
    return refund_holds_money(refund->status) ? refund->amount.minor : 0;
}

static int64_t succeeded_minor(const struct refund *refund)
{
    return refund->status == REFUND_SUCCEEDED ? refund->amount.minor : 0;
}

/* Sets the counters as PostgreSQL's trigger will, and the status that follows from them. */
static void count(const struct state *before, struct state *after)
{
    struct payment *payment = &after->payment;

    payment->refund_held_minor += held_minor(&after->refund)
        - (before->found ? held_minor(&before->refund) : 0);
    payment->facts.refunded_minor += succeeded_minor(&after->refund)
        - succeeded_minor(&before->refund);
    payment->status = payment_derive(&payment->facts, payment->amount.minor);
}

/*
 * The caller was told that the money goes back. A later failure, or money that waits at the
 * provider, must therefore reach a human, in whatever order the news arrives. The refund command
 * itself needs no review: its caller gets the answer.
 */
static enum review_cause worry_about(const struct state *before, const struct state *after,
                                     struct change_source source)
{
    const enum refund_status from = before->refund.status, to = after->refund.status;

    if (from == to || source.kind == SOURCE_REFUND)
        return REVIEW_NONE;
    if (to == REFUND_REQUIRES_ACTION)
        return REVIEW_REFUND_NEEDS_ATTENTION;
    return refund_holds_money(from) && !refund_holds_money(to) ? REVIEW_REFUND_FAILED : REVIEW_NONE;
}

/* An adopted refund is also stored in before->refund, as it was when it was created. */
static struct state state_with_news(const struct ctx *ctx, struct state *before,
                                    const struct provider_refund *news, struct change_source source)
{
    const enum review_cause doubt = doubt_about(before, news);
    const bool after_all = before->found && was_made_after_all(&before->refund, news);
    struct state after = *before;

    review_ask(&after.payment, doubt);
    if (doubt != REVIEW_NONE && !before->found)
        return after;
    if (!before->found)
        before->refund = after.refund = refund_to_adopt(ctx, &before->payment, news);
    after.found = true;
    take_reference(&after.refund, news);
    if (doubt == REVIEW_NONE)
        take_status(&after.refund, news, after_all);
    count(before, &after);
    review_raise(&after.payment, worry_about(before, &after, source));
    return after;
}

/* --- Writing it down ----------------------------------------------------------------------- */

static bool refund_differs(const struct refund *before, const struct refund *after)
{
    return after->status != before->status
        || strcmp(after->provider_ref, before->provider_ref) != 0;
}

static bool refund_changed(const struct state *before, const struct state *after)
{
    return after->found != before->found
        || (after->found && refund_differs(&before->refund, &after->refund));
}

static bool payment_changed(const struct payment *before, const struct payment *after)
{
    return after->facts.refunded_minor != before->facts.refunded_minor
        || review_is_new(before, after);
}

/* The provider's object that moved the money; our own id when the provider named none. */
static const char *movement_reference(const struct refund *refund)
{
    return refund->provider_ref[0] != '\0' ? refund->provider_ref : refund->id.text;
}

static void write_movement(struct ctx *ctx, const struct state *before, const struct state *after,
                           int64_t told_at_s)
{
    int64_t minor = succeeded_minor(&before->refund) - succeeded_minor(&after->refund);

    if (minor == 0)
        return;
    store_movement_insert(ctx, &after->payment, &(struct movement) {
        .kind = minor < 0 ? MOVEMENT_REFUND : MOVEMENT_REFUND_REVERSAL,
        .amount_minor = minor,
        .provider_ref = movement_reference(&after->refund),
        .occurred_at_ms = occurrence_ms(ctx, &after->payment, told_at_s),
    });
}

static void write_refund(struct ctx *ctx, const struct state *before, struct state *after,
                         int64_t told_at_s, struct change_source source)
{
    after->refund.updated_at_ms = ctx->now_ms;
    if (before->found) {
        store_refund_update(ctx, &after->refund);
    } else {
        store_refund_insert(ctx, &after->refund);
        history_refund_created(ctx, &after->payment, &before->refund);
    }
    if (before->found || after->refund.status != REFUND_PENDING)
        history_refund_changed(ctx, &after->payment, &before->refund, &after->refund, source);
    write_movement(ctx, before, after, told_at_s);
}

/* An order that was never paid in full does not become refunded. */
static enum order_status label_after(enum order_status now, const struct payment *payment)
{
    return payment->surplus || payment_is_underpaid(&payment->facts, payment->amount.minor)
               ? now : order_status_after(now, payment->status);
}

/* Runs after write_refund: its trigger has written counters, status and time; a review is ours. */
static void write_payment(struct ctx *ctx, enum order_status order_status,
                          const struct state *before, struct state *after,
                          struct change_source source)
{
    struct payment *payment = &after->payment;
    enum order_status label = label_after(order_status, payment);

    payment->updated_at_ms = ctx->now_ms;
    if (review_is_new(&before->payment, payment))
        store_payment_update(ctx, payment);
    if (label != order_status)
        store_order_set_status(ctx, payment->order_id, label);
    history_payment_changed(ctx, &before->payment, payment, source);
}

static void log_refund(const struct ctx *ctx, const struct state *before, const struct state *after,
                       struct change_source source)
{
    log_event(LOG_LEVEL_INFO, "refund_changed", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("payment_id", after->payment.id.text),
              LOG_TEXT("refund_id", after->refund.id.text),
              LOG_TEXT("from", refund_status_name(before->refund.status)),
              LOG_TEXT("to", refund_status_name(after->refund.status)),
              LOG_TEXT("source", change_source_text(source)));
}

static void log_review(const struct ctx *ctx, const struct state *before, const struct state *after,
                       struct change_source source)
{
    if (review_is_new(&before->payment, &after->payment))
        log_event(LOG_LEVEL_ERROR, "payment_needs_review", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("payment_id", after->payment.id.text),
                  LOG_TEXT("reason", after->payment.review_reason),
                  LOG_TEXT("source", change_source_text(source)));
}

struct refund settle_refund_preview(struct ctx *ctx, const struct refund_lock *lock,
                                    const struct provider_refund *news)
{
    struct state before = { true, lock->refund, lock->payment.payment };
    struct refund after = state_with_news(ctx, &before, news,
                                          change_source_of(SOURCE_REFUND)).refund;

    assert(lock->refund_found);
    if (refund_differs(&before.refund, &after))
        after.updated_at_ms = ctx->now_ms;
    return after;
}

bool settle_refund(struct ctx *ctx, struct refund_lock *lock, const struct provider_refund *news,
                   struct change_source source)
{
    struct state before = { lock->refund_found, lock->refund, lock->payment.payment };
    struct state after = state_with_news(ctx, &before, news, source);
    bool refund_moves = refund_changed(&before, &after);
    bool payment_moves = payment_changed(&before.payment, &after.payment);

    assert(payment_may_become(&before.payment.facts, after.payment.amount.minor,
                              after.payment.status));
    if (refund_moves) {
        write_refund(ctx, &before, &after, news->at_s, source);
        log_refund(ctx, &before, &after, source);
    }
    if (payment_moves) {
        write_payment(ctx, lock->payment.order_status, &before, &after, source);
        log_review(ctx, &before, &after, source);
        lock->payment.order_status = label_after(lock->payment.order_status, &after.payment);
    }
    lock->refund_found = after.found;
    lock->refund = after.refund;
    lock->payment.payment = after.payment;
    return refund_moves || payment_moves;
}
