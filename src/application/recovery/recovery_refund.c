/* Asks the provider what became of a refund, and records it. */
#include <stdio.h>
#include <string.h>

#include "application/settling/payment_news.h"
#include "application/settling/refund_identity.h"
#include "application/settling/settle_refund.h"
#include "call_attempt.h"
#include "recovery.h"
#include "refund_listing.h"

/*
 * How the outcome of a refund is found: send the frozen request with its key, which makes the
 * refund or finds it again; if the key is too old, or only replays a 5xx, read the list of the
 * payment's refunds.
 *
 * Where requests have no key, the list comes first, even before the first sending, because a row of
 * ours may have been lost. The request is sent only while it is proved that no sending took effect:
 * none left us, or each was refused. After a time-out, a 5xx or a cut answer it is never sent
 * again; the refund is looked for, and if it is not found, a human decides.
 */

static void send(struct ctx *ctx, struct recovery *work)
{
    const struct provider *provider = work->provider;

    work->sent = true;
    provider->call(ctx, provider, &work->call.request, &work->reply);
    provider->read_refund_reply(ctx, provider, &work->payment, &work->refund, &work->call.request,
                                &work->reply, &work->outcome);
    work->verdict = work->outcome.verdict;
}

static bool is_ours(const struct refund *refund, const struct provider_refund *listed)
{
    return strcmp(listed->refund_id.text, refund->id.text) == 0
        || (refund->provider_ref[0] != '\0' && strcmp(listed->ref, refund->provider_ref) == 0);
}

static const struct provider_refund *ours_on_page(const struct recovery *work,
                                                  const struct refund_listing *listing)
{
    for (int i = 0; i < listing->count; i++)
        if (is_ours(&work->refund, &listing->refunds[i]))
            return &listing->refunds[i];
    return NULL;
}

/* Listed refunds that carry no mark to tell them apart from ours. */
struct suspects {
    const struct provider_refund *first;
    int                           count;
};

static void note_suspects(const struct recovery *work, const struct refund_listing *listing,
                          struct suspects *suspects)
{
    for (int i = 0; i < listing->count; i++) {
        if (!refund_is_possibly(&work->refund, work->call.started_at_ms, &listing->refunds[i]))
            continue;
        if (suspects->count++ == 0)
            suspects->first = &listing->refunds[i];
    }
}

/* True when the whole list was read and ours is not in it; else work holds what was learned. */
static bool is_absent(struct ctx *ctx, struct recovery *work, struct suspects *suspects_out)
{
    struct refund_listing listing = refund_listing_new(work->provider, &work->payment);
    const struct provider_refund *ours = NULL;

    *suspects_out = (struct suspects) { NULL, 0 };
    work->outcome = (struct provider_outcome) { .verdict = VERDICT_UNKNOWN };
    while (ours == NULL && refund_listing_next(ctx, &listing)) {
        ours = ours_on_page(work, &listing);
        note_suspects(work, &listing, suspects_out);
    }
    work->reply = listing.reply;
    if (ours != NULL) {
        work->outcome.verdict = VERDICT_DONE;
        work->outcome.refund = *ours;
    }
    work->verdict = work->outcome.verdict;
    return ours == NULL && listing.ended;
}

static void conclude_absence(struct recovery *work)
{
    work->outcome.verdict = work->verdict = VERDICT_REFUSED;
    snprintf(work->outcome.failure_code, sizeof(work->outcome.failure_code),
             "provider_never_saw_it");
}

/*
 * Requests have a key here. If none can have taken effect, or the last was sent long enough ago,
 * the list proves absence.
 */
static void conclude_by_time(struct recovery *work)
{
    if (!work->call.maybe_executed || work->call.idle_ms >= RECOVERY_SETTLE_MS)
        conclude_absence(work);
}

static const struct problem *send_noted(struct ctx *ctx, struct recovery *work)
{
    TRY(recovery_note_sending(ctx, work));
    send(ctx, work);
    return OK;
}

/* States what a human needs to know to decide. */
static void lay_out(struct ctx *ctx, struct recovery *work, const struct suspects *suspects)
{
    const char *is_it = "made since ours was sent and without our mark: is it ours?";

    work->not_listed = true;
    if (suspects->count == 1)
        work->doubt = arena_printf(ctx->arena,
                                   "The refund's answer was lost. The provider lists refund %s"
                                   " of this amount, %s",
                                   suspects->first->ref, is_it);
    else if (suspects->count > 1)
        work->doubt = arena_printf(ctx->arena,
                                   "The refund's answer was lost. The provider lists %d refunds"
                                   " of this amount, %s",
                                   suspects->count, is_it);
}

static const struct problem *look_up(struct ctx *ctx, struct recovery *work)
{
    struct suspects suspects;

    if (!is_absent(ctx, work, &suspects))
        return OK;
    if (work->provider->repeats_safely)
        conclude_by_time(work);
    else if (work->call.maybe_executed)
        lay_out(ctx, work, &suspects);
    else if (call_is_young(ctx, &work->call))
        return send_noted(ctx, work);
    else
        conclude_absence(work);         /* refused or unreached each time, for a day */
    return OK;
}

const struct problem *recovery_ask_refund(struct ctx *ctx, struct recovery *work)
{
    if (!recovery_sends_first(ctx, work))
        return look_up(ctx, work);
    send(ctx, work);
    return OK;
}

static void settle(struct ctx *ctx, const struct recovery *work, struct refund_lock *lock,
                   struct call_answer *answer)
{
    struct provider_refund refusal;

    if (work->outcome.verdict == VERDICT_DONE) {
        settle_refund(ctx, lock, &work->outcome.refund,
                      change_source_answer(SOURCE_RECOVERY, answer));
    } else if (work->outcome.verdict == VERDICT_REFUSED
               && refund_verdict_counts(&lock->refund, VERDICT_REFUSED)) {
        refusal = news_of_refused_refund(&lock->refund, &work->outcome);
        settle_refund(ctx, lock, &refusal, change_source_answer(SOURCE_RECOVERY, answer));
    }
}

const struct problem *recovery_settle_refund(struct ctx *ctx, struct recovery *work,
                                             struct payment_lock *lock_out,
                                             struct call_answer *answer)
{
    const struct provider_refund named = { .refund_id = work->refund.id };
    struct refund_lock lock;

    TRY(store_refund_lock(ctx, work->id, &named, &lock));
    if (!lock.refund_found)
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL, "The refund is missing."),
                               "refund %s vanished", work->refund.id.text);
    settle(ctx, work, &lock, answer);
    *lock_out = lock.payment;
    return OK;
}
