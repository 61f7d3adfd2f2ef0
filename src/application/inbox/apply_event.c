/* Applies a verified event to the payment, refund or dispute that it names. */
#include "apply_event.h"

#include <string.h>

#include "application/settling/call_human.h"
#include "application/settling/refund_identity.h"
#include "application/settling/settle_dispute.h"
#include "application/settling/settle_payment.h"
#include "application/settling/settle_refund.h"
#include "ownership.h"

static enum webhook_outcome ignore(struct ctx *ctx, const struct inbox_lock *lock,
                                   const char *reason)
{
    struct payment_id none = { "" };

    store_inbox_finish(ctx, lock->inbox_id, INBOX_IGNORED, none, reason);
    return WEBHOOK_NOT_FOR_US;
}

/* Settles those of the event's refunds that hold money, or the others; lock holds one at a time. */
static const struct problem *settle_listed(struct ctx *ctx, const struct provider_event *event,
                                           struct refund_lock *lock, bool that_hold_money)
{
    for (int i = -1; i < event->more_refund_count; i++) {
        const struct provider_refund *news = i < 0 ? &event->refund : &event->more_refunds[i];

        if (refund_holds_money(news->status) != that_hold_money)
            continue;
        TRY(store_refund_lock(ctx, lock->payment.payment.id, news, lock));
        settle_refund(ctx, lock, news, change_source_event(event->type));
    }
    return OK;
}

/*
 * A single refund is locked already. Of several, failed ones are settled first: they free money for
 * refunds made later.
 */
static const struct problem *settle_refunds(struct ctx *ctx, const struct provider_event *event,
                                            const struct inbox_lock *found)
{
    struct refund_lock lock = { .payment = found->payment, .refund_found = found->refund_found,
                                .refund = found->refund };

    if (event->more_refund_count == 0) {
        settle_refund(ctx, &lock, &event->refund, change_source_event(event->type));
        return OK;
    }
    TRY(settle_listed(ctx, event, &lock, false));
    return settle_listed(ctx, event, &lock, true);
}

static void settle_one_dispute(struct ctx *ctx, const struct provider_event *event,
                               const struct inbox_lock *found)
{
    struct dispute_lock lock = { found->payment, found->disputes, found->dispute_count };

    settle_dispute(ctx, &lock, &event->dispute, change_source_event(event->type));
}

static const struct problem *apply(struct ctx *ctx, const struct provider *provider,
                                   const struct provider_event *event, struct inbox_lock *lock)
{
    struct payment_id payment_id = lock->payment.payment.id;

    if (ownership_is_second_page(provider, &event->payment))
        call_human(ctx, &lock->payment, REVIEW_SECOND_PAGE, change_source_event(event->type));
    else if (event->kind == PROVIDER_EVENT_REFUND)
        TRY(settle_refunds(ctx, event, lock));
    else if (event->kind == PROVIDER_EVENT_DISPUTE)
        settle_one_dispute(ctx, event, lock);
    else if (event->kind == PROVIDER_EVENT_PAYMENT)
        settle_payment(ctx, &lock->payment, &event->payment, change_source_event(event->type));
    if (!lock->is_noted)
        store_inbox_finish(ctx, lock->inbox_id, INBOX_PROCESSED, payment_id, "");
    return OK;
}

/*
 * The event reports another end than we know, or an end that we should have heard of, so the
 * provider must say how the dispute stands now. Its answer counts if it is younger than the event;
 * else its clock is ahead of ours, and it is asked once more.
 */
static bool must_ask_first(const struct provider_event *event, bool object_asked,
                           const struct inbox_lock *lock)
{
    const struct dispute_facts *news = &event->dispute.facts;
    const struct dispute *known = dispute_named(lock->disputes, lock->dispute_count,
                                                event->dispute.ref);

    return known != NULL && dispute_is_doubtful(&known->facts, news)
        && !(object_asked && known->facts.at_ms > news->at_ms);
}

/*
 * The event refunds more than is left. Another refund may have failed whose event is still on its
 * way: the provider's list will show it.
 */
static bool is_too_much(const struct provider_event *event, const struct inbox_lock *lock)
{
    return !lock->refund_found && event->more_refund_count == 0
        && refund_holds_money(event->refund.status)
        && event->refund.amount_minor > refund_left(&lock->payment.payment);
}

/*
 * A provider's reads may lag behind its events: money that it does not confirm yet is asked for
 * again.
 */
static bool is_unconfirmed(const struct provider_event *event, const struct payment *payment)
{
    return event->kind == PROVIDER_EVENT_LATER && event->says_paid
        && payment->facts.captured_minor == 0 && !payment->facts.mismatch;
}

/* The hint that the payer has paid is no news when the money is booked. */
static bool is_known(const struct provider_event *event, const struct payment *payment)
{
    return event->says_paid && payment->facts.captured_minor > 0;
}

/* Why the event must wait; NULL: it can be applied. */
static const char *reason_to_wait(const struct provider *provider,
                                  const struct provider_event *event, bool object_asked,
                                  const struct inbox_lock *lock)
{
    const struct payment *payment = &lock->payment.payment;

    if (!lock->payment.found)
        return "no payment of ours is named";
    /* Ours by its id but of another provider: its own page is still open there. */
    if (strcmp(payment->provider, provider->name) != 0)
        return "the payment belongs to another provider";
    if (ownership_is_second_page(provider, &event->payment))
        return NULL;
    /* For these the inbox job asks the provider. */
    if (event->kind == PROVIDER_EVENT_REFUND && payment->facts.captured_minor == 0)
        return "the refund came before its charge";
    if (event->kind == PROVIDER_EVENT_REFUND && !object_asked && is_too_much(event, lock))
        return "the refund is more than is left, as far as we know";
    if (event->kind == PROVIDER_EVENT_DISPUTE && payment->facts.captured_minor == 0)
        return "the dispute came before its charge";
    if (event->kind == PROVIDER_EVENT_DISPUTE && must_ask_first(event, object_asked, lock))
        return "the dispute's end contradicts what is known";
    if (event->kind == PROVIDER_EVENT_LATER && !object_asked && !is_known(event, payment))
        return "the provider must be asked what it means";
    if (is_unconfirmed(event, payment))
        return "the provider does not yet confirm the money that the event reports";
    return NULL;
}

/*
 * The answer to a refund call of ours, which names its object, may be on its way: the inbox job
 * asks for it first.
 */
static const struct problem *wait_for_ours(struct ctx *ctx, const struct provider_event *event,
                                           const struct inbox_lock *lock, const char **reason_out)
{
    bool maybe = false;

    for (int i = -1; i < event->more_refund_count && !maybe; i++)
        TRY(refund_may_be_ours(ctx, &lock->payment.payment,
                               i < 0 ? &event->refund : &event->more_refunds[i], &maybe));
    if (maybe)
        *reason_out = "it may be a refund of ours that has no outcome yet";
    return OK;
}

const struct problem *apply_event(struct ctx *ctx, const struct provider *provider,
                                  const struct provider_event *event, bool object_asked,
                                  struct inbox_lock *lock,
                                  enum webhook_outcome *outcome_out, const char **reason_out)
{
    *reason_out = "";
    *outcome_out = WEBHOOK_STORED;
    if (event->livemode != provider->livemode)
        *outcome_out = ignore(ctx, lock, "live and test mode differ");
    else if (event->kind == PROVIDER_EVENT_UNUSED)
        *outcome_out = ignore(ctx, lock, event->unused_because != NULL ? event->unused_because
                                                                        : "type not used");
    else
        *reason_out = reason_to_wait(provider, event, object_asked, lock);
    if (*outcome_out == WEBHOOK_STORED && *reason_out == NULL && !object_asked
        && event->kind == PROVIDER_EVENT_REFUND)
        TRY(wait_for_ours(ctx, event, lock, reason_out));
    if (*outcome_out != WEBHOOK_STORED || *reason_out != NULL)
        return OK;
    *outcome_out = WEBHOOK_APPLIED;
    *reason_out = "";
    return apply(ctx, provider, event, lock);
}
