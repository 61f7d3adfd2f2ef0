/* Merges news of a payment, judges it, and records what changed. */
#include "application/settling/settle_payment.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "history.h"
#include "open_refund.h"
#include "payment_news.h"
#include "refund_identity.h"
#include "review.h"

static void copy_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static bool names_another_currency(const struct payment *payment,
                                   const struct provider_payment *news)
{
    return news->currency[0] != '\0' && strcmp(news->currency, payment->amount.currency) != 0;
}

/* An amount in the document must be ours; a document without an amount is believed. */
static bool names_another_amount(const struct payment *payment, const struct provider_payment *news)
{
    if (news->amount_minor != 0 && news->amount_minor != payment->amount.minor)
        return true;
    return news->facts.captured_minor != 0 && news->facts.captured_minor != payment->amount.minor;
}

static bool differ(const char *ours, const char *theirs)
{
    return ours[0] != '\0' && theirs[0] != '\0' && strcmp(ours, theirs) != 0;
}

/* References are written once: a different object for the same payment is a second payable page. */
static bool is_second_object(const struct payment *payment, const struct provider_payment *news)
{
    return differ(payment->provider_ref, news->ref)
        || differ(payment->provider_intent, news->intent);
}

/*
 * A different amount is booked as it came and raises a review; another currency cannot be booked.
 * Of a second object only the money counts: its end would free the order while the first page can
 * still be paid.
 */
static struct payment_facts facts_we_believe(const struct payment *payment,
                                             const struct provider_payment *news)
{
    struct payment_facts facts = news->facts;

    if (is_second_object(payment, news)) {
        facts.closed = PAYMENT_OPEN;
        facts.snapshot = (struct payment_snapshot) { .progress = PROGRESS_NONE };
    }
    if (names_another_currency(payment, news)) {
        facts.mismatch = true;
        facts.captured_minor = 0;
    } else if (names_another_amount(payment, news)) {
        facts.mismatch = true;
    }
    return facts;
}

static void take_object(struct payment *payment, const struct provider_payment *news)
{
    if (news->ref[0] != '\0')
        copy_text(payment->provider_ref, sizeof(payment->provider_ref), news->ref);
    if (news->intent[0] != '\0')
        copy_text(payment->provider_intent, sizeof(payment->provider_intent), news->intent);
    if (news->checkout_url[0] != '\0')
        copy_text(payment->checkout_url, sizeof(payment->checkout_url), news->checkout_url);
}

/*
 * Keeps the page until it is certain that nobody should pay there. Only irreversible facts decide:
 * a payer whose attempt was under way and then failed tries again on the same page.
 */
static void forget_dead_page(struct payment *payment)
{
    if (!payment_is_open(&payment->facts) || payment->facts.mismatch || payment->surplus)
        payment->checkout_url[0] = '\0';
}

static bool has_first_money(const struct payment *before, const struct payment *after)
{
    return before->facts.captured_minor == 0 && after->facts.captured_minor > 0;
}

/* Late money beats a page where nobody has paid yet: the order is paid, and that page gives way. */
static bool takes_order_over(const struct payment_lock *lock, const struct payment *after)
{
    return has_first_money(&lock->payment, after) && lock->open_rival.text[0] != '\0'
        && !after->surplus && !payment_is_underpaid(&after->facts, after->amount.minor);
}

/* Records any money that arrives; if the order has its payment already, as a surplus. */
static void take_money(struct ctx *ctx, const struct payment_lock *lock, struct payment *after)
{
    if (!has_first_money(&lock->payment, after))
        return;
    after->completed_at_ms = ctx->now_ms;
    if (lock->order_taken && !takes_order_over(lock, after))
        after->surplus = true;
    if (after->surplus)
        review_ask(after, REVIEW_SURPLUS);
}

static enum review_cause what_differs(const struct payment *payment)
{
    if (payment->facts.captured_minor > payment->amount.minor)
        return REVIEW_MORE_MONEY;
    if (payment_is_underpaid(&payment->facts, payment->amount.minor))
        return REVIEW_LESS_MONEY;
    return payment->facts.mismatch && payment->facts.captured_minor == 0 ? REVIEW_OTHER_MONEY
                                                                          : REVIEW_NONE;
}

static struct payment payment_with_news(struct ctx *ctx, const struct payment_lock *lock,
                                        const struct provider_payment *news)
{
    struct payment after = lock->payment;
    struct payment_facts believed = facts_we_believe(&lock->payment, news);

    after.facts = payment_facts_merge(lock->payment.facts, believed);
    after.status = payment_derive(&after.facts, after.amount.minor);
    if (is_second_object(&lock->payment, news))
        review_ask(&after, REVIEW_SECOND_OBJECT);
    else
        take_object(&after, news);
    forget_dead_page(&after);
    if (names_another_currency(&after, news))
        review_ask(&after, REVIEW_OTHER_MONEY);
    review_ask(&after, what_differs(&after));
    take_money(ctx, lock, &after);
    return after;
}

static bool same_payment(const struct payment *a, const struct payment *b)
{
    return payment_facts_equal(&a->facts, &b->facts)
        && strcmp(a->provider_ref, b->provider_ref) == 0
        && strcmp(a->provider_intent, b->provider_intent) == 0
        && strcmp(a->checkout_url, b->checkout_url) == 0
        && a->surplus == b->surplus && a->review_causes == b->review_causes;
}

/* The provider's object that holds the money; our own id when the provider named none. */
static const char *charge_reference(const struct payment *payment)
{
    if (payment->provider_intent[0] != '\0')
        return payment->provider_intent;
    return payment->provider_ref[0] != '\0' ? payment->provider_ref : payment->id.text;
}

/*
 * The first charge has the object's reference; later ones append the new sum, so that every row's
 * reference is unique.
 */
static void write_charge(struct ctx *ctx, const struct payment *before, const struct payment *after,
                         int64_t told_at_s)
{
    const int64_t before_minor = before->facts.captured_minor;
    const int64_t after_minor = after->facts.captured_minor;
    const char *reference = charge_reference(after);

    if (after_minor == before_minor)
        return;
    if (before_minor > 0)
        reference = arena_printf(ctx->arena, "%s:%lld", reference, (long long) after_minor);
    store_movement_insert(ctx, after, &(struct movement) {
        .kind = MOVEMENT_CHARGE,
        .amount_minor = after_minor - before_minor,
        .provider_ref = reference,
        .occurred_at_ms = occurrence_ms(ctx, after, told_at_s),
    });
}

/* The part beyond the order's amount that was not there before. */
static int64_t new_excess_minor(const struct payment *before, const struct payment *after)
{
    const int64_t known_minor = before->facts.captured_minor > after->amount.minor
                                    ? before->facts.captured_minor : after->amount.minor;

    return after->facts.captured_minor - known_minor;
}

/* For further money the key appends the new sum, so that its refund differs from the one before. */
static const char *key_of(struct ctx *ctx, const char *key, const struct payment *payment,
                          bool again)
{
    return again
               ? arena_printf(ctx->arena, "%s %lld", key, (long long) payment->facts.captured_minor)
               : key;
}

static void give_back(struct ctx *ctx, const struct payment *before, struct payment *after)
{
    const int64_t came_minor = after->facts.captured_minor - before->facts.captured_minor;
    const int64_t excess_minor = new_excess_minor(before, after);

    if (after->surplus && came_minor > 0)
        open_refund_of_surplus(ctx, after, came_minor,
                               key_of(ctx, REFUND_KEY_OF_SURPLUS, after,
                                      before->facts.captured_minor > 0));
    else if (!after->surplus && excess_minor > 0)
        open_refund_of_surplus(ctx, after, excess_minor,
                               key_of(ctx, REFUND_KEY_OF_EXCESS, after,
                                      before->facts.captured_minor > after->amount.minor));
}

static void write_down(struct ctx *ctx, const struct payment_lock *lock, struct payment *after,
                       const struct provider_payment *news, struct change_source source)
{
    const struct payment *before = &lock->payment;
    enum order_status label = order_status_after(lock->order_status, after->status);

    if (takes_order_over(lock, after)) {
        store_payment_give_way(ctx, lock->open_rival);
        history_payment_gave_way(ctx, after->order_id, lock->open_rival, after->id);
    }
    store_payment_update(ctx, after);
    if (!after->surplus && label != lock->order_status)
        store_order_set_status(ctx, after->order_id, label);
    write_charge(ctx, before, after, news->captured_at_s);
    history_payment_changed(ctx, before, after, source);
    give_back(ctx, before, after);
}

static void log_change(const struct ctx *ctx, const struct payment *before,
                       const struct payment *after, struct change_source source)
{
    bool alert = review_is_new(before, after);

    log_event(alert ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
              alert ? "payment_needs_review" : "payment_changed",
              LOG_TEXT("traceId", ctx->trace_id), LOG_TEXT("payment_id", after->id.text),
              LOG_TEXT("from", payment_status_name(before->status)),
              LOG_TEXT("to", payment_status_name(after->status)),
              LOG_TEXT("source", change_source_text(source)));
}

struct payment settle_payment_preview(struct ctx *ctx, const struct payment_lock *lock,
                                      const struct provider_payment *news)
{
    struct payment after = payment_with_news(ctx, lock, news);

    if (same_payment(&lock->payment, &after))
        return lock->payment;
    assert(payment_may_become(&lock->payment.facts, after.amount.minor, after.status));
    after.updated_at_ms = ctx->now_ms;
    return after;
}

bool settle_payment(struct ctx *ctx, struct payment_lock *lock, const struct provider_payment *news,
                    struct change_source source)
{
    struct payment after = settle_payment_preview(ctx, lock, news);

    if (same_payment(&lock->payment, &after))
        return false;
    write_down(ctx, lock, &after, news, source);
    log_change(ctx, &lock->payment, &after, source);
    lock->payment = after;
    return true;
}
