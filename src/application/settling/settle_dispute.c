/* Merges news of a dispute and records what changed. */
#include "application/settling/settle_dispute.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "history.h"
#include "history_dispute.h"
#include "payment_news.h"
#include "review.h"

const struct dispute *dispute_named(const struct dispute *disputes, int count, const char *ref)
{
    for (int i = 0; i < count; i++)
        if (strcmp(disputes[i].provider_ref, ref) == 0)
            return &disputes[i];
    return NULL;
}

/* --- What follows from the news ------------------------------------------------------------ */

/* A dispute in another currency than the payment's still counts, but its money is not booked. */
static struct dispute_facts facts_we_believe(const struct payment *payment,
                                             const struct provider_dispute *news)
{
    struct dispute_facts facts = news->facts;

    if (strcmp(news->currency, payment->amount.currency) != 0) {
        facts.withdrawn_minor = 0;
        facts.reinstated_minor = 0;
    }
    return facts;
}

static struct dispute new_dispute(const struct ctx *ctx, const struct payment *payment,
                                  const struct provider_dispute *news)
{
    struct dispute dispute = {
        .payment_id = payment->id,
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "dsp", dispute.id.text);
    snprintf(dispute.provider, sizeof(dispute.provider), "%s", payment->provider);
    snprintf(dispute.provider_ref, sizeof(dispute.provider_ref), "%s", news->ref);
    memcpy(dispute.currency, news->currency, sizeof(dispute.currency));
    return dispute;
}

/* Appends to a copy; the old array stays in the arena. */
static struct dispute *add(struct ctx *ctx, struct dispute_lock *lock, struct dispute dispute)
{
    struct dispute *all = arena_alloc(ctx->arena, (size_t) (lock->count + 1) * sizeof(*all));

    if (lock->count > 0)
        memcpy(all, lock->disputes, (size_t) lock->count * sizeof(*all));
    all[lock->count] = dispute;
    lock->disputes = all;
    return &all[lock->count++];
}

static struct payment payment_with_disputes(const struct dispute_lock *lock)
{
    struct payment payment = lock->payment.payment;

    payment.dispute = dispute_overlay(lock->disputes, lock->count);
    payment.disputed_minor = disputed_minor(lock->disputes, lock->count);
    return payment;
}

/* --- Writing it down ----------------------------------------------------------------------- */

/*
 * The provider's object that moved the money; later movements append the new sum, so that every
 * row's reference is unique.
 */
static const char *movement_reference(struct ctx *ctx, const struct dispute *dispute,
                                      int64_t before_minor, int64_t after_minor)
{
    if (before_minor == 0)
        return dispute->provider_ref;
    return arena_printf(ctx->arena, "%s:%lld", dispute->provider_ref, (long long) after_minor);
}

static void write_movements(struct ctx *ctx, const struct payment *payment,
                            const struct dispute_facts *before, const struct dispute *after)
{
    int64_t out_minor = after->facts.withdrawn_minor - before->withdrawn_minor;
    int64_t back_minor = after->facts.reinstated_minor - before->reinstated_minor;
    const int64_t at_ms = occurrence_ms(ctx, payment, after->facts.at_ms / 1000);

    if (out_minor != 0)
        store_movement_insert(ctx, payment, &(struct movement) {
            MOVEMENT_DISPUTE, -out_minor,
            movement_reference(ctx, after, before->withdrawn_minor, after->facts.withdrawn_minor),
            at_ms });
    if (back_minor != 0)
        store_movement_insert(ctx, payment, &(struct movement) {
            MOVEMENT_DISPUTE_REVERSAL, back_minor,
            movement_reference(ctx, after, before->reinstated_minor, after->facts.reinstated_minor),
            at_ms });
}

/* Each poll reports the same facts at a later time; a new time alone is no news for the audit. */
static bool says_more(const struct dispute_facts *before, const struct dispute_facts *after)
{
    struct dispute_facts later = *before;

    later.at_ms = after->at_ms;
    return !dispute_facts_equal(&later, after);
}

static void write_payment(struct ctx *ctx, const struct dispute_lock *lock, struct payment *after,
                          struct change_source source)
{
    const struct payment *before = &lock->payment.payment;

    if (after->dispute == before->dispute && after->disputed_minor == before->disputed_minor
        && !review_is_new(before, after))
        return;
    after->updated_at_ms = ctx->now_ms;
    store_payment_update(ctx, after);
    if (review_is_new(before, after))
        history_payment_changed(ctx, before, after, source);
}

/* An open dispute is logged as a warning: somebody must answer it in time. */
static void log_change(const struct ctx *ctx, const struct dispute *dispute,
                       struct change_source source)
{
    enum dispute_status status = dispute->facts.fact.status;
    bool must_be_answered = status == DISPUTE_OPEN || status == DISPUTE_INQUIRY;

    log_event(must_be_answered ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
              must_be_answered ? "dispute_open" : "dispute_changed",
              LOG_TEXT("traceId", ctx->trace_id), LOG_TEXT("payment_id", dispute->payment_id.text),
              LOG_TEXT("dispute_id", dispute->id.text),
              LOG_TEXT("status", dispute_status_name(status)),
              LOG_TEXT("provider_status", dispute->facts.provider_status),
              LOG_TEXT("reason", dispute->facts.reason),
              LOG_NUMBER("due_at_s", dispute->facts.due_at_s),
              LOG_TEXT("source", change_source_text(source)));
}

static void log_review(const struct ctx *ctx, const struct payment *before,
                       const struct payment *after, struct change_source source)
{
    if (review_is_new(before, after))
        log_event(LOG_LEVEL_ERROR, "payment_needs_review", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("payment_id", after->id.text),
                  LOG_TEXT("reason", after->review_reason),
                  LOG_TEXT("source", change_source_text(source)));
}

/* before NULL: it is new. */
static void write_down(struct ctx *ctx, struct dispute_lock *lock, const struct dispute *before,
                       const struct dispute *after, struct change_source source)
{
    static const struct dispute_facts nothing = { .at_ms = 0 };
    struct payment payment = payment_with_disputes(lock);

    if (before == NULL)
        store_dispute_insert(ctx, after);
    else
        store_dispute_update(ctx, after);
    if (before == NULL || says_more(&before->facts, &after->facts)) {
        write_movements(ctx, &payment, before != NULL ? &before->facts : &nothing, after);
        history_dispute_changed(ctx, &payment, before, after, source);
        log_change(ctx, after, source);
    }
    if (before == NULL && strcmp(after->currency, payment.amount.currency) != 0)
        review_ask(&payment, REVIEW_DISPUTE_OTHER_CURRENCY);
    write_payment(ctx, lock, &payment, source);
    log_review(ctx, &lock->payment.payment, &payment, source);
    lock->payment.payment = payment;
}

bool settle_dispute(struct ctx *ctx, struct dispute_lock *lock, const struct provider_dispute *news,
                    struct change_source source)
{
    struct dispute_facts believed = facts_we_believe(&lock->payment.payment, news);
    const struct dispute *known = dispute_named(lock->disputes, lock->count, news->ref);
    struct dispute_facts known_facts;
    struct dispute before, *after;

    if (known == NULL) {
        after = add(ctx, lock, new_dispute(ctx, &lock->payment.payment, news));
        after->facts = believed;
        write_down(ctx, lock, NULL, after, source);
        return true;
    }
    before = *known;
    known_facts = before.facts;
    dispute_settle_amounts(&known_facts, &believed);
    believed = dispute_facts_merge(known_facts, believed);
    if (dispute_facts_equal(&before.facts, &believed))
        return false;
    after = &lock->disputes[known - lock->disputes];
    after->facts = believed;
    after->updated_at_ms = ctx->now_ms;
    write_down(ctx, lock, &before, after, source);
    return true;
}
